"""Whether the journal's file is what was written: looked at before it is opened, and each hour."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from edge.journal import chain
from edge.journal.horizon import horizon
from edge.journal.snapshot import SnapshotSpoilt, digest_of, parts_in
from edge.journal.sync_status import read_sync_status
from edge.journal.transaction import open_readonly

if TYPE_CHECKING:
    from pathlib import Path

NEWEST: Final = 500
"""Facts whose chain is followed before the store opens."""
_SPOILT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def acknowledged(status: Path) -> int:
    """How many entries the cloud has acknowledged, as sync told last; 0 where it never did."""
    return read_sync_status(status).acked


def at_start(journal: Path, status: Path) -> str:
    """What is wrong at first sight, in a sentence; "" where nothing is. Reads little: the store wants to open."""
    if not journal.exists() or journal.stat().st_size == 0:
        return _missing(journal, status)
    return _fault_in(journal, NEWEST, whole=False)


def ends_early(journal: Path, status: Path) -> str:
    """Whether the cloud has acknowledged more than a sound journal holds: the sentence that says so, else ""."""
    acked = acknowledged(status)
    if not acked or not journal.exists():
        return ""
    try:
        with closing(open_readonly(journal)) as connection:
            last, _ = chain.last(connection)
    except sqlite3.DatabaseError:
        return ""  # whether it is damaged, `at_start` says
    return f"{journal} ends with entry {last}, though the cloud has acknowledged {acked}" if last < acked else ""


def each_hour(journal: Path) -> str:
    """The same of the whole file, page by page, and of the chain of everything that is kept."""
    return _fault_in(journal, None, whole=True)


def is_spoilt(error: BaseException) -> bool:
    """Whether an error says that the file itself is damaged."""
    if isinstance(error, SnapshotSpoilt):
        return True
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


def _fault_in(journal: Path, newest: int | None, *, whole: bool) -> str:
    try:
        with closing(open_readonly(journal)) as connection:
            connection.execute("BEGIN")
            if not chain.has_entries(connection):
                return ""
            if whole and (faults := chain.spoilt_pages(connection)):
                return f"{journal} is damaged: {'; '.join(faults)}"
            return _unbound(connection, journal, whole=whole) or _broken(connection, journal, newest)
    except sqlite3.DatabaseError as error:
        # A disk that is busy or away is no damage of the file.
        return f"{journal} is damaged: {error}" if is_spoilt(error) else ""


def _unbound(connection: sqlite3.Connection, journal: Path, *, whole: bool) -> str:
    here = horizon(connection)
    if not whole or not here.base or digest_of(parts_in(connection, here.base)) == here.digest:
        return ""
    return f"{journal} is damaged: the snapshot of entry {here.base} is not what was written"


def _broken(connection: sqlite3.Connection, journal: Path, newest: int | None) -> str:
    found = chain.find_break(connection, newest)
    return f"{journal} is damaged: entry {found.at} is not what was written" if found else ""
