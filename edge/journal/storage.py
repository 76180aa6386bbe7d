"""Whose fault an error is: the storage's, which costs everybody who waits, or a decision's, which costs its caller."""

from __future__ import annotations

import sqlite3
from typing import Final

from edge.errors import DecisionFailed, JournalBroken, JournalBusy, JournalError, JournalFull

_BROKEN: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_INTERNAL,
        sqlite3.SQLITE_NOLFS,
    }
)
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})


def fault_of(error: BaseException) -> JournalError | None:
    """What it means for the journal; none where the storage is not to blame, but the statement or the decision."""
    # The low byte is the kind; the rest says where it happened.
    code = getattr(error, "sqlite_errorcode", None)
    kind = code & 0xFF if isinstance(code, int) else None
    if not isinstance(error, sqlite3.Error) or kind is None:
        return None
    said = f"{error.sqlite_errorname}: {error}"
    if kind == sqlite3.SQLITE_FULL:
        return JournalFull(f"no space to commit: {said}")
    if kind in _BUSY:
        return JournalBusy(f"another program holds the journal's file: {said}")
    return JournalBroken(said) if kind in _BROKEN else None


def error_for_caller(error: BaseException) -> Exception:
    """The error as its caller may get it. What would end a task, the event loop or the process is told, not raised."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration | StopAsyncIteration):
        return error
    told = DecisionFailed(f"a decision raised {type(error).__name__}")
    told.__cause__ = error
    return told
