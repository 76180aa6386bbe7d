"""For how many days the disk lasts, by how fast the journal has grown."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from edge.journal import Reads
from edge.journal.queries import first_and_last_sequence, first_since, recorded_ms
from operations.diagnosis.findings import Finding, Health, found

DAY_MS: Final = 86_400_000
LOOKED_AT_DAYS: Final = 7
LITTLE, NONE_LEFT = 30, 7
"""Days: below the first a note, below the second something must be done."""
TOO_YOUNG_DAYS: Final = 0.02
"""Half an hour of a store says nothing of its days."""


class Room(msgspec.Struct, frozen=True):
    """What the disk of the data folder has."""

    total: int
    """Bytes."""
    free: int
    """Bytes that this user may still write."""
    journal: int
    """Bytes of the journal with its side files."""
    per_day: float | None
    """Bytes by which the journal grows a day; none where it is too young to tell."""

    @property
    def days(self) -> float | None:
        """For how many days the free space lasts."""
        return self.free / self.per_day if self.per_day else None

    @property
    def used(self) -> float:
        """Share of the disk that is in use, 0 to 1."""
        return 1 - self.free / self.total if self.total else 0.0


def room(data: Path, reads: Reads | None, now_ms: int | None = None) -> Room:
    """Returns the room in `data`. Raises `OSError` where there is no such folder."""
    usage = shutil.disk_usage(data)
    files = [data / f"storekeeper.db{suffix}" for suffix in ("", "-wal", "-shm")]
    size = sum(_size(path) for path in files)
    grows = None
    if reads is not None:
        with suppress(sqlite3.Error):
            grows = _grows(reads, size, now_ms or int(time.time() * 1000))
    return Room(usage.total, usage.free, size, grows)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _grows(reads: Reads, size: int, now_ms: int) -> float | None:
    """Bytes a day: how many facts came within the last days, each as large as those that there are."""
    there = first_and_last_sequence(reads)
    if there is None:
        return None
    first, last = there
    since = max(recorded_ms(reads, first) or 0, now_ms - LOOKED_AT_DAYS * DAY_MS)
    days = ((recorded_ms(reads, last) or 0) - since) / DAY_MS
    if days < TOO_YOUNG_DAYS:
        return None
    return (last - first_since(reads, since) + 1) / days * size / (last - first + 1)


def disk(data: Path, reads: Reads | None) -> Iterator[Finding]:
    """Says how much is free, and for how many days that is enough."""
    if not os.access(data, os.R_OK):
        return
    seen = room(data, reads)
    said = {"free_bytes": seen.free, "used": seen.used, "journal_bytes": seen.journal}
    if seen.days is None:
        yield found(Health.WELL, "disk", "disk_young", **said)
        return
    days = int(seen.days)
    health = Health.ILL if days < NONE_LEFT else Health.NOTE if days < LITTLE else Health.WELL
    code = "disk_days" if days < 3650 else "disk_years"
    yield found(health, "disk", code, **said, days=days, years=days // 365, bytes_per_day=round(seen.per_day or 0))
