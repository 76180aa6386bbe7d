"""What a comparison found, and where it is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import msgspec

from edge.journal import small_files

KEPT: Final = 60
"""Reports of so many days are kept."""

Kind = Literal[
    "missing_in_store",
    "missing_in_cloud",
    "altered",
    "chain_broken",
    "double_in_store",
    "double_in_cloud",
    "double_event",
    "event_not_heard",
    "missing_on_device",
    "double_on_device",
    "unknown_to_store",
]


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not the same everywhere."""

    kind: Kind
    id: str
    """The entry's id, the command's id, or `boot/number` of an event."""
    type: str = ""
    """The fact's type, where it is known."""
    device: str = ""
    sequence: int | None = None
    """Its place in the journal, where it has or had one."""
    at_ms: int | None = None


class Count(msgspec.Struct, frozen=True):
    """How many of one type each side has."""

    type: str
    device: int | None
    """None where no device takes part."""
    store: int
    cloud: int | None
    """None where the cloud was not asked."""


class ReconciliationReport(msgspec.Struct, frozen=True):
    """One day."""

    day: str
    from_ms: int
    to_ms: int
    at_ms: int
    took_s: float
    facts: int
    on_the_way: int
    """Facts that the cloud has not acknowledged yet: no difference."""
    cloud: str
    """`compared`, or why not."""
    devices: list[str]
    """Devices whose own notes were read; of all others their numbering is."""
    counts: list[Count]
    differences: list[Difference]


def folder(data: Path) -> Path:
    """Where the reports lie."""
    return data / "reconciliation"


def keep(data: Path, report: ReconciliationReport) -> Path:
    """Writes it, whole or not at all, and lets the oldest go. Raises `OSError`."""
    place = folder(data)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / f"{report.day}.json"
    spare = path.with_suffix(".new")
    spare.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))
    spare.chmod(0o600)
    spare.replace(path)
    for old in days(data)[KEPT:]:
        (place / f"{old}.json").unlink(missing_ok=True)
    return path


def days(data: Path) -> list[str]:
    """Days of which there is a report, the newest first. Of a day that is to come a clock made one that ran ahead: it
    comes after all others, or it would be the newest for years.
    """
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    found = (path.stem for path in folder(data).glob("*-*-*.json"))
    return sorted(found, key=lambda day: (day <= tomorrow, day), reverse=True)


def read(data: Path, day: str) -> ReconciliationReport | None:
    """Returns the report of that day; none where there is none, or it is damaged."""
    if day not in days(data):
        return None
    return small_files.read(folder(data) / f"{day}.json", ReconciliationReport)


def newest(data: Path) -> ReconciliationReport | None:
    """Returns the newest report."""
    found = days(data)
    return read(data, found[0]) if found else None
