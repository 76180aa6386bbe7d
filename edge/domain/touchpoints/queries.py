"""What is asked of touchpoints."""

from __future__ import annotations

import msgspec

from edge.domain.touchpoints.codes import Touchpoint
from edge.journal import Reads
from words.languages import Wording


def touchpoint(reads: Reads, touchpoint: str) -> Touchpoint | None:
    """The touchpoint of that id."""
    row = reads.one("SELECT * FROM touchpoints WHERE touchpoint=?", touchpoint)
    if row is None:
        return None
    return Touchpoint(
        row["touchpoint"], row["purpose"], row["zone"], Wording(msgspec.json.decode(row["label"])), row["device"]
    )
