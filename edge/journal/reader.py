"""Reading the journal from another thread or another process."""

from __future__ import annotations

from pathlib import Path

from edge.journal.entry import GENESIS, Entry
from edge.journal.schema import ENTRIES
from edge.journal.streams import Stream, streams
from edge.journal.transaction import open_readonly


class JournalReader:
    """Follows a journal by position. Read-only: it never checkpoints, and never makes the writer wait."""

    def __init__(self, path: Path) -> None:
        self._connection = open_readonly(path)
        self._connection.row_factory = None  # plain tuples: whoever drains the journal reads every row

    def stream(self) -> bytes:
        """The 16 bytes that name this journal."""
        row = self._connection.execute("SELECT stream FROM streams ORDER BY first_sequence DESC").fetchone()
        return bytes(row[0])

    def streams(self) -> list[Stream]:
        """Every stream of this journal, in order; the last is the one that it goes on in."""
        return streams(self._connection)

    def last(self) -> tuple[int, bytes]:
        """Sequence and hash of the newest entry; (0, GENESIS) when there is none."""
        row = self._connection.execute("SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (0, GENESIS)

    def after(self, sequence: int, limit: int) -> list[Entry]:
        """At most `limit` entries that follow `sequence`, in order."""
        rows = self._connection.execute(ENTRIES + " WHERE sequence > ? ORDER BY sequence LIMIT ?", (sequence, limit))
        return [Entry(*row) for row in rows]

    def hash_at(self, sequence: int) -> bytes | None:
        """The hash of one entry; GENESIS for 0; none where there is no such entry."""
        if sequence == 0:
            return GENESIS
        row = self._connection.execute("SELECT hash FROM entries WHERE sequence = ?", (sequence,)).fetchone()
        return bytes(row[0]) if row else None

    def version(self) -> int:
        """A number that changes when another connection has committed: a cheap way to wait for news."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
