"""Which slips this printer was given, on disk: so that none comes out twice, whatever dies in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from device_drivers.notes import Notes

if TYPE_CHECKING:
    from pathlib import Path

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
        self._notes = Notes(path, _SCHEMA)

    def find(self, job: str, revision: int) -> tuple[Known, str | None] | None:
        """How far this slip got, and what stopped it; None where it may be printed."""
        rows = self._notes.read("SELECT state, reason FROM slips WHERE job = ? AND revision = ?", job, revision)
        return (rows[0][0], rows[0][1]) if rows else None

    def broken(self) -> bool:
        """Whether the job before broke off: half a command, and half a slip, may be in the printer."""
        return bool(self._notes.read("SELECT 1 FROM broken"))

    def settled(self) -> None:
        """What the broken-off job left in the printer is out of it."""
        with self._notes.write() as db:
            db.execute("DELETE FROM broken")

    def start(self, job: str, revision: int) -> None:
        """On disk when it returns: from here on nobody knows whether it was printed, until somebody does."""
        with self._notes.write() as db:
            # A copy of a printed slip leaves the first print what it was: printed.
            db.execute(
                "INSERT INTO slips (job, revision, state) VALUES (?, ?, 'started') ON CONFLICT DO NOTHING",
                (job, revision),
            )
            db.execute("INSERT INTO broken VALUES (1) ON CONFLICT DO NOTHING")
            db.execute("DELETE FROM slips WHERE place <= (SELECT max(place) FROM slips) - ?", (KEPT,))

    def printed(self, job: str, revision: int) -> None:
        """It is on paper, whole."""
        with self._notes.write() as db:
            db.execute(
                "UPDATE slips SET state = 'printed', reason = NULL WHERE job = ? AND revision = ?", (job, revision)
            )
            db.execute("DELETE FROM broken")

    def stopped(self, job: str, revision: int, reason: str) -> None:
        """Nobody knows whether it is on paper."""
        with self._notes.write() as db:
            db.execute(
                "UPDATE slips SET reason = ? WHERE job = ? AND revision = ? AND state = 'started'",
                (reason, job, revision),
            )

    def withdrawn(self, job: str, revision: int) -> None:
        """It is certainly not on paper, not whole, and what was sent of it is forgotten: it may be printed again."""
        with self._notes.write() as db:
            db.execute("DELETE FROM slips WHERE job = ? AND revision = ? AND state = 'started'", (job, revision))

    def close(self) -> None:
        """Closes the file; safe to call twice."""
        self._notes.close()
