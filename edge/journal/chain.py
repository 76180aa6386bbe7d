"""Whether a journal's file is what was written: its pages, and the chain from entry to entry."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable
from typing import Final

import msgspec

from edge.journal.entry import GENESIS, Entry, entry_hash
from edge.journal.horizon import horizon
from edge.journal.schema import ENTRIES

_FAULTS: Final = 3
"""So many faults of pages are told at most."""


class Break(msgspec.Struct, frozen=True):
    """Where the chain does not go on."""

    at: int
    """The entry that should stand there."""
    missing: bool
    """Whether it is not there at all; otherwise something else was written."""


def has_entries(connection: sqlite3.Connection) -> bool:
    """Whether the journal's tables are there. A file that a gateway has only just made has none."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name='entries'").fetchone() is not None


def spoilt_pages(connection: sqlite3.Connection) -> list[str]:
    """What SQLite finds wrong with the file, page by page. Raises `sqlite3.DatabaseError` where it cannot even look."""
    return [row[0] for row in connection.execute(f"PRAGMA quick_check({_FAULTS})") if row[0] != "ok"]


def last(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Sequence and hash of the newest entry; (0, GENESIS) when there is none."""
    row = connection.execute("SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1").fetchone()
    return (row[0], bytes(row[1])) if row else (0, GENESIS)


def newest(connection: sqlite3.Connection) -> Entry | None:
    """The newest entry; none in an empty journal."""
    row = connection.execute(ENTRIES + " ORDER BY sequence DESC LIMIT 1").fetchone()
    return Entry(*row) if row else None


def hash_of(connection: sqlite3.Connection, sequence: int) -> bytes | None:
    """The hash of an entry that lies in the file; none where it does not."""
    row = connection.execute("SELECT hash FROM entries WHERE sequence=?", (sequence,)).fetchone()
    return bytes(row[0]) if row else None


def follows(entry: Entry, previous: bytes) -> bool:
    """Whether an entry is whole, and goes on from the hash before."""
    e = entry
    try:
        return entry_hash(previous, e.stream, e.sequence, e.id, e.wall_ms, e.mono_ms, e.boot, e.body) == e.hash
    except (struct.error, TypeError):
        return False


def find_break(connection: sqlite3.Connection, newest: int | None = None) -> Break | None:
    """Follow the chain over so many of the newest entries, or over all that are kept. Returns where it breaks."""
    here = horizon(connection)
    after = here.first - 1
    if newest is not None:
        after = max(after, last(connection)[0] - newest)
    previous = here.hash if after == here.first - 1 else hash_of(connection, after) or b""
    return first_break(_entries(connection, after), after, previous)


def find_break_from(connection: sqlite3.Connection, sequence: int) -> Break | None:
    """The same from one entry on, whose own hash is taken for granted unless it is the first of all."""
    after = max(sequence - 1, 0)
    return first_break(_entries(connection, after), after, None if sequence > 1 else GENESIS)


def first_break(entries: Iterable[Entry], place: int, previous: bytes | None) -> Break | None:
    """Where entries do not go on from a place whose hash is `previous`. None takes the first for granted."""
    for at, entry in enumerate(entries, place + 1):
        if entry.sequence != at:
            return Break(at, missing=True)
        if previous is not None and not follows(entry, previous):
            return Break(at, missing=False)
        previous = entry.hash
    return None


def _entries(connection: sqlite3.Connection, after: int) -> Iterable[Entry]:
    for row in connection.execute(ENTRIES + " WHERE sequence > ? ORDER BY sequence", (after,)):
        yield Entry(*row)
