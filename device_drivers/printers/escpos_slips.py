"""Which slips this printer was given, on disk: so that none comes out twice, whatever dies in between."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

KEPT: Final = 10_000
"""How many slips are remembered: a month of a busy counter. About 1 MB."""

Known = Literal["started", "printed"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS slips (
    place INTEGER PRIMARY KEY, job TEXT NOT NULL, revision INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT,
    UNIQUE (job, revision)
);
CREATE TABLE IF NOT EXISTS broken (id INTEGER PRIMARY KEY CHECK (id = 1));
"""


class Slips:
    """One small SQLite file. Every method raises `sqlite3.Error` where the disk fails. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        try:
            self._db = _connect(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # locked or full: the file itself is sound
                raise
            log.warning("%s is damaged (%s): put aside, older slips are forgotten", path, error)
            path.replace(path.with_suffix(".broken"))
            for leftover in ("-wal", "-shm"):
                path.with_name(path.name + leftover).unlink(missing_ok=True)
            self._db = _connect(path)

    def find(self, job: str, revision: int) -> tuple[Known, str | None] | None:
        """How far this slip got, and what stopped it; None where it may be printed."""
        with self._lock:
            row = self._db.execute(
                "SELECT state, reason FROM slips WHERE job = ? AND revision = ?", (job, revision)
            ).fetchone()
        return (row[0], row[1]) if row else None

    def broken(self) -> bool:
        """Whether the job before broke off: half a command, and half a slip, may be in the printer."""
        with self._lock:
            return self._db.execute("SELECT 1 FROM broken").fetchone() is not None

    def start(self, job: str, revision: int) -> None:
        """On disk when it returns: from here on nobody knows whether it was printed, until somebody does."""
        with self._writing() as db:
            # A copy of a printed slip leaves the first print what it was: printed.
            db.execute(
                "INSERT INTO slips (job, revision, state) VALUES (?, ?, 'started') ON CONFLICT DO NOTHING",
                (job, revision),
            )
            db.execute("INSERT INTO broken VALUES (1) ON CONFLICT DO NOTHING")
            db.execute("DELETE FROM slips WHERE place <= (SELECT max(place) FROM slips) - ?", (KEPT,))

    def printed(self, job: str, revision: int) -> None:
        """It is on paper, whole."""
        with self._writing() as db:
            db.execute(
                "UPDATE slips SET state = 'printed', reason = NULL WHERE job = ? AND revision = ?", (job, revision)
            )
            db.execute("DELETE FROM broken")

    def stopped(self, job: str, revision: int, reason: str) -> None:
        """Nobody knows whether it is on paper."""
        with self._writing() as db:
            db.execute(
                "UPDATE slips SET reason = ? WHERE job = ? AND revision = ? AND state = 'started'",
                (reason, job, revision),
            )

    def withdrawn(self, job: str, revision: int) -> None:
        """It is certainly not on paper, not whole, and what was sent of it is forgotten: it may be printed again."""
        with self._writing() as db:
            db.execute("DELETE FROM slips WHERE job = ? AND revision = ? AND state = 'started'", (job, revision))

    def close(self) -> None:
        """Closes the file; safe to call twice."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Any]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.rollback()
                raise
            self._db.commit()


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(_SCHEMA)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db
