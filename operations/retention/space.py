"""How full the disk is, and what that allows."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import msgspec

from edge.journal.queries import first_and_last_sequence, first_since, recorded_ms
from edge.journal.transaction import open_readonly

if TYPE_CHECKING:
    from pathlib import Path

    from edge.journal import Reads

DAY_MS: Final = 24 * 60 * 60 * 1000
LOOK_BACK_MS: Final = 7 * DAY_MS
"""Of these days the growth is told."""
SLACK: Final = 0.01
"""So far below its mark a level ends, so that it does not come and go."""


class Level(IntEnum):
    """What the disk still allows."""

    AMPLE = 0
    FILLING = 1
    """Somebody has to make space."""
    TIGHT = 2
    """What only tells how things went goes, the oldest first."""
    SCARCE = 3
    """Only what money, people and openings need is taken."""


MARKS: Final = {Level.FILLING: 0.70, Level.TIGHT: 0.85, Level.SCARCE: 0.95}
"""From which part of the disk on each level is."""


class Space(msgspec.Struct, frozen=True):
    """Bytes of the disk that the journal lies on."""

    total: int
    free: int
    """What this user may still write, and what is unused within the journal's own file."""
    journal: int
    """The journal's file. Its log beside it is as long as it once became, whatever facts it holds."""

    @property
    def used(self) -> float:
        """From 0 to 1."""
        return 1 - self.free / self.total if self.total else 1.0


def measure(journal: Path) -> Space:
    """Returns the space around a journal. Raises `OSError`."""
    disk = os.statvfs(journal.parent)
    size = journal.stat().st_size if journal.exists() else 0
    # As df counts: what is kept for root is in neither.
    total = (disk.f_blocks - disk.f_bfree + disk.f_bavail) * disk.f_frsize
    return Space(total, disk.f_bavail * disk.f_frsize + _unused(journal), size)


def level(used: float, before: Level = Level.AMPLE) -> Level:
    """Returns what so full a disk allows. A level that there was before ends a little below its mark."""
    found = Level.AMPLE
    for mark, part in MARKS.items():
        if used >= (part - SLACK if mark <= before else part):
            found = mark
    return found


def days_left(reads: Reads, space: Space, now_ms: int) -> float | None:
    """Returns for how many days there is space at the pace of the last week; None where too little is known."""
    kept = first_and_last_sequence(reads)
    if kept is None:
        return None
    first, last = kept
    since = min(first_since(reads, now_ms - LOOK_BACK_MS), last)
    days = (now_ms - (recorded_ms(reads, since) or 0)) / DAY_MS
    if days < 1:
        return None
    bytes_each = space.journal / (last - first + 1)
    return space.free / ((last - since + 1) / days * bytes_each)


def _unused(journal: Path) -> int:
    """Bytes within the file that new facts will take before it grows."""
    try:
        with closing(open_readonly(journal)) as connection:
            pages: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
            size: int = connection.execute("PRAGMA page_size").fetchone()[0]
    except sqlite3.Error:
        return 0
    return pages * size
