"""What a device on this box remembers of itself, read from beside it: which commands it took, which events wait."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from device_drivers.contract import Reply


class TakenCommand(msgspec.Struct, frozen=True):
    """A command that the device noted."""

    place: int
    """1, 2, 3 … in the order in which it took them; the oldest are forgotten."""
    id: str
    outcome: str
    """How it answered; empty where it had not when this was read."""


class DeviceNotes(msgspec.Struct, frozen=True):
    """The notes of one device."""

    device: str
    taken: list[TakenCommand]
    waiting: list[tuple[str, int]]
    """Boot and number of each event that the gateway has not acknowledged."""


def remembered(folder: Path) -> list[DeviceNotes]:
    """Returns the notes of every device with a folder in `folder`; who has none, or unreadable ones, is left out."""
    found = []
    for path in sorted(folder.glob("*/notes.db")):
        try:
            found.append(_read(path))
        except (sqlite3.Error, ValueError):
            continue
    return found


def _read(path: Path) -> DeviceNotes:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as notes:
        taken = [
            TakenCommand(place, name, msgspec.json.decode(body, type=Reply).outcome.value if body else "")
            for place, name, body in notes.execute("SELECT place, id, reply FROM taken ORDER BY place")
        ]
        waiting = [(boot, seq) for boot, seq in notes.execute("SELECT boot, seq FROM events ORDER BY place")]
    return DeviceNotes(path.parent.name, taken, waiting)
