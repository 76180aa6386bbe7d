"""The devices of the store, and where they stand now."""

from __future__ import annotations

import msgspec

from edge.journal import Reads
from words.languages import Wording


class Device(msgspec.Struct, frozen=True):
    """One device."""

    id: str
    kind: str
    zone: str
    label: Wording
    at: tuple[float, float]
    """Place on the floor plan, in metres from the top left."""
    beside: str | None
    """The locker bank that it belongs to: a screen or a scanner at its side."""


def devices(reads: Reads) -> tuple[Device, ...]:
    """Every device that is enrolled, in the order in which they came."""
    return tuple(
        Device(
            row["device"],
            row["kind"],
            row["zone"],
            Wording(msgspec.json.decode(row["label"])),
            tuple(msgspec.json.decode(row["at"])),
            row["beside"],
        )
        for row in reads.all("SELECT device, kind, zone, label, at, beside FROM devices ORDER BY rowid")
    )
