"""The zones of the store, as they lie on its floor plan now."""

from __future__ import annotations

import msgspec

from edge.journal import Reads
from words.languages import Wording


class Zone(msgspec.Struct, frozen=True):
    """One area of the store."""

    id: str
    name: Wording
    plan: tuple[float, float, float, float]
    """Left, top, width, height on the floor plan, in metres."""


def zones(reads: Reads) -> tuple[Zone, ...]:
    """Every zone, in the order in which they were set up."""
    return tuple(
        Zone(row["zone"], Wording(msgspec.json.decode(row["name"])), tuple(msgspec.json.decode(row["plan"])))
        for row in reads.all("SELECT zone, name, plan FROM zones ORDER BY rowid")
    )
