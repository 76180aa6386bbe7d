"""A journal's streams: one after the other, each begun by a box that could not know everything that was said before it.

Sequence and chain go on from stream to stream, so that the journal stays one. What a box may do does not: every stream
has a generation, which stands in the high bits of each fence that is made in it. So whatever is ordered in a later
stream is above everything that was ordered in an earlier one, and a device that heard of the later obeys no other.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

FENCE_BITS: Final = 32
"""Below the generation there is room for the seconds since 1970 until 2106."""
MAX_GENERATION: Final = 2**21 - 1
"""The last generation whose fences stay below 2^53, which is what a reader that knows only doubles keeps exact."""
_EPOCH_MS: Final = 1_767_225_600_000
"""2026-01-01."""
_HOUR_MS: Final = 3_600_000


class Stream(msgspec.Struct, frozen=True):
    """One stream of a journal."""

    id: bytes
    first: int
    """Sequence of its first entry."""
    reason: str
    generation: int


def fence_floor(generation: int) -> int:
    """The lowest fence of a generation. It is above every fence of the generations before."""
    return generation << FENCE_BITS


def next_generation(*known: int, now_ms: int) -> int:
    """A generation above all that are known, and above those of a box that was restored from the same copy earlier.

    The hours since 2026 stand for those that nobody here has heard of.
    """
    hours = max(0, now_ms - _EPOCH_MS) // _HOUR_MS
    return min(max(*known, 0) + 1 if hours > MAX_GENERATION // 2 else max(max(*known, 0) + 1, hours), MAX_GENERATION)


def streams(connection: sqlite3.Connection) -> list[Stream]:
    """Every stream, in order. Also reads the table of a version that knew no generations."""
    rows = connection.execute("SELECT * FROM streams ORDER BY first_sequence, rowid").fetchall()
    return [Stream(bytes(row[0]), row[1], row[2], row[3] if len(row) > 3 else 0) for row in rows]


def generation(connection: sqlite3.Connection) -> int:
    """The generation of the newest stream."""
    return max((stream.generation for stream in streams(connection)), default=0)
