"""Notes that survive a power cut: one small SQLite file of a device, for its agent or for its driver.

One connection does everything, guarded by one lock, so that the driver's threads, the worker and the network thread may
all write. What must survive a power cut is flushed to the disk before `write` returns; what merely should, is not,
which saves the flash of a small box one flush per command.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)


class Notes:
    """The open file. `close` it when the device stops."""

    def __init__(self, path: Path, schema: str) -> None:
        """`schema` creates what is not there yet. Raises `sqlite3.Error` and `OSError`."""
        self._lock = threading.RLock()
        self._connection = _open(path, schema)
        self._durable = True

    @contextlib.contextmanager
    def write(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction. With `durable`, it is on the disk when the block has ended. Raises `sqlite3.Error`."""
        with self._lock:
            if durable is not self._durable:
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def read(self, sql: str, *params: Any) -> list[Any]:
        """Every row of a query. Raises `sqlite3.Error`."""
        with self._lock:
            return self._connection.execute(sql, params).fetchall()

    def close(self) -> None:
        """Closes the file; safe to call twice."""
        with self._lock:
            self._connection.close()


def _open(path: Path, schema: str) -> sqlite3.Connection:
    """Opens or creates the file. A damaged one is put aside: a device that forgot its notes still beats a dead one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connect(path, schema)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked, or the disk is full: the file itself is sound
            raise
        broken = path.with_suffix(".broken")
        log.warning("%s is damaged (%s): kept as %s, starting with empty notes", path, error, broken.name)
        path.replace(broken)
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        return _connect(path, schema)


def _connect(path: Path, schema: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(schema)
        _prove(connection)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _prove(connection: sqlite3.Connection) -> None:
    """Raises `sqlite3.DatabaseError` where a page of the file is spoilt, however far from where one begins to read."""
    if (fault := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise sqlite3.DatabaseError(fault)
