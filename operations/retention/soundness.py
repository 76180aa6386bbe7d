"""Whether the journal's file is what was written: looked at before it is opened, and each hour."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from typing import TYPE_CHECKING, Final

import msgspec

from edge.journal.entry import Entry, link
from edge.journal.horizon import horizon
from edge.journal.schema import ENTRIES
from edge.journal.snapshot import digest_of, parts_in
from edge.journal.transaction import open_readonly

if TYPE_CHECKING:
    from pathlib import Path

NEWEST: Final = 500
"""Facts whose chain is followed before the store opens."""
_SPOILT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class _Report(msgspec.Struct):
    acked: int = 0


def acknowledged(status: Path) -> int:
    """How many entries the cloud has acknowledged, as sync told last; 0 where it never did."""
    try:
        return msgspec.json.decode(status.read_bytes(), type=_Report).acked
    except (OSError, ValueError):
        return 0


def at_start(journal: Path, status: Path) -> str:
    """What is wrong at first sight, in a sentence; "" where nothing is. Reads little: the store wants to open."""
    if not journal.exists() or journal.stat().st_size == 0:
        return _missing(journal, status)
    return _asked(journal, NEWEST, whole=False)


def each_hour(journal: Path) -> str:
    """The same of the whole file, page by page, and of the chain of everything that is kept."""
    return _asked(journal, None, whole=True)


def is_spoilt(error: BaseException) -> bool:
    """Whether an error says that the file itself is damaged."""
    codes = (getattr(each, "sqlite_errorcode", None) for each in (error, error.__cause__))
    return any(isinstance(code, int) and code & 0xFF in _SPOILT for code in codes)


def _missing(journal: Path, status: Path) -> str:
    """A new store has no journal, and nobody who acknowledged one."""
    acked = acknowledged(status)
    left = journal.with_name(f"{journal.name}-wal")
    if acked:
        return f"{journal} is gone, though the cloud has acknowledged {acked} facts of it"
    if left.exists() and left.stat().st_size > 0:
        return f"{journal} is gone, though its log is there"
    return ""


def _asked(journal: Path, newest: int | None, *, whole: bool) -> str:
    try:
        with closing(open_readonly(journal)) as connection:
            connection.execute("BEGIN")
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name='entries'").fetchone() is None:
                return ""  # a gateway has only just made it
            if whole:
                faults = [row[0] for row in connection.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
                if faults:
                    return f"{journal} is damaged: {'; '.join(faults)}"
            return _unbound(connection, journal, whole=whole) or _broken_chain(connection, journal, newest)
    except sqlite3.DatabaseError as error:
        # A disk that is busy or away is no damage of the file.
        return f"{journal} is damaged: {error}" if is_spoilt(error) else ""


def _unbound(connection: sqlite3.Connection, journal: Path, *, whole: bool) -> str:
    here = horizon(connection)
    if not whole or not here.base or digest_of(parts_in(connection, here.base)) == here.digest:
        return ""
    return f"{journal} is damaged: the snapshot of entry {here.base} is not what was written"


def _broken_chain(connection: sqlite3.Connection, journal: Path, newest: int | None) -> str:
    here = horizon(connection)
    row = connection.execute("SELECT max(sequence) FROM entries").fetchone()
    last = int(row[0] or 0)
    after = here.first - 1 if newest is None else max(here.first - 1, last - newest)
    before = connection.execute("SELECT hash FROM entries WHERE sequence=?", (after,)).fetchone()
    previous = here.hash if after == here.first - 1 else bytes(before[0]) if before else b""
    for found in connection.execute(f"{ENTRIES} WHERE sequence > ? ORDER BY sequence", (after,)):
        entry = Entry(*found)
        after += 1
        if entry.sequence != after or not follows(entry, previous):
            return f"{journal} is damaged: entry {after} is not what was written"
        previous = entry.hash
    return ""


def follows(entry: Entry, previous: bytes) -> bool:
    """Whether an entry is whole, and goes on from the hash before."""
    e = entry
    try:
        return link(previous, e.stream, e.sequence, e.id, e.wall_ms, e.mono_ms, e.boot, e.body) == e.hash
    except (struct.error, TypeError):
        return False
