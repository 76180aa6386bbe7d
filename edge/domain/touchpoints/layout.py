"""The codes of the store that can be scanned, and where they are now."""

from __future__ import annotations

import msgspec

from edge.domain.touchpoints.touchpoints import Purpose
from edge.journal import Reads
from words.languages import Wording


class Place(msgspec.Struct, frozen=True):
    """Where a code is, and what for."""

    id: str
    purpose: Purpose
    zone: str
    label: Wording
    at: tuple[float, float]
    """On the floor plan, in metres from the top left."""
    device: str | None


def touchpoints(reads: Reads) -> tuple[Place, ...]:
    """Every code, in the order in which they were set up."""
    return tuple(
        Place(
            row["touchpoint"],
            row["purpose"],
            row["zone"],
            Wording(msgspec.json.decode(row["label"])),
            tuple(msgspec.json.decode(row["at"])),
            row["device"],
        )
        for row in reads.all("SELECT touchpoint, purpose, zone, label, at, device FROM touchpoints ORDER BY rowid")
    )
