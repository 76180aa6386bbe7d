"""What is asked of touchpoints."""

from __future__ import annotations

import msgspec

from edge.domain.touchpoints.codes import Touchpoint
from edge.domain.touchpoints.facts import Purpose
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


def tag_of(reads: Reads, touchpoint: str) -> str:
    """What a scan of this code says of whoever scans it; empty where nothing."""
    row = reads.one("SELECT json_extract(definition, '$.tag') AS tag FROM touchpoints WHERE touchpoint=?", touchpoint)
    return str(row["tag"] or "") if row else ""


class TouchpointPlace(msgspec.Struct, frozen=True):
    """Where a code is, and what for."""

    id: str
    purpose: Purpose
    zone: str
    label: Wording
    at: tuple[float, float]
    """On the floor plan, in metres from the top left."""
    device: str | None

    @property
    def carried(self) -> bool:
        """Whether somebody wears it: whoever scans it stands wherever that person does, not at `at`."""
        return self.purpose == "badge"


def touchpoints(reads: Reads) -> tuple[TouchpointPlace, ...]:
    """Every code, in the order in which they were set up."""
    return tuple(
        TouchpointPlace(
            row["touchpoint"],
            row["purpose"],
            row["zone"],
            Wording(msgspec.json.decode(row["label"])),
            tuple(msgspec.json.decode(row["at"])),
            row["device"],
        )
        for row in reads.all("SELECT touchpoint, purpose, zone, label, at, device FROM touchpoints ORDER BY rowid")
    )
