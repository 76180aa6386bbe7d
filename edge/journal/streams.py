"""A journal's streams: one after the other, each begun by a box that could not know everything that was said before it.

Sequence and chain go on from stream to stream, so that the journal stays one. What a box may do does not: every stream
has a generation, which stands in the high bits of each fence that is made in it. So whatever is ordered in a later
stream is above everything that was ordered in an earlier one, and a device that heard of the later obeys no other.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Final

import msgspec

from edge.journal.entry import GENESIS, Clock, Ids, link, tag
from edge.journal.facts import StreamOpened
from edge.journal.forms import body_of

FENCE_BITS: Final = 32
"""Below the generation there is room for the seconds since 1970 until 2106."""
MOST: Final = 2**21 - 1
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
    return min(max(*known, 0) + 1 if hours > MOST // 2 else max(max(*known, 0) + 1, hours), MOST)


def streams(connection: sqlite3.Connection) -> list[Stream]:
    """Every stream, in order. Takes the table of a version from before generations as well."""
    rows = connection.execute("SELECT * FROM streams ORDER BY first_sequence, rowid").fetchall()
    return [Stream(bytes(row[0]), row[1], row[2], row[3] if len(row) > 3 else 0) for row in rows]


def generation(connection: sqlite3.Connection) -> int:
    """The generation of the newest stream."""
    return max((stream.generation for stream in streams(connection)), default=0)


def open_stream(connection: sqlite3.Connection, reason: str, number: int, clock: Clock) -> StreamOpened:
    """Begin a new stream with the fact that says so, in one commit. The tables have to be made anew after that."""
    last = connection.execute("SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1").fetchone()
    sequence, digest = (last[0], bytes(last[1])) if last else (0, GENESIS)
    parent, made = streams(connection)[-1].id, os.urandom(16)
    fact = StreamOpened(
        parent=parent.hex(), parent_sequence=sequence, parent_hash=digest.hex(), reason=reason, generation=number
    )
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "INSERT INTO streams (stream, first_sequence, reason, generation) VALUES (?,?,?,?)",
        (made, sequence + 1, reason, number),
    )
    wall, mono, body = max(0, clock.wall_ms()), clock.mono_ms(), body_of(fact)
    append(connection, made, sequence + 1, digest, (Ids().new(wall), tag(StreamOpened), wall, mono, clock.boot, body))
    connection.execute("COMMIT")
    return fact


def append(
    connection: sqlite3.Connection,
    stream: bytes,
    sequence: int,
    previous: bytes,
    entry: tuple[bytes, str, int, int, bytes, bytes],
) -> bytes:
    """Put one entry (id, type, wall, mono, boot, body) behind what is there. Returns its hash. The tables hear nothing.

    Only for a journal that no gateway works on.
    """
    identity, kind, wall, mono, boot, body = entry
    digest = link(previous, stream, sequence, identity, wall, mono, boot, body)
    connection.execute(
        "INSERT INTO entries (sequence, stream, id, type, wall_ms, mono_ms, boot, body, hash)"
        " VALUES (?,?,?,?,?,?,?,?,?)",
        (sequence, stream, identity, kind, wall, mono, boot, body, digest),
    )
    return digest
