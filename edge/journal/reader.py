"""Reading the journal from another thread or another process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edge.journal import chain
from edge.journal.entry import Entry
from edge.journal.horizon import Horizon, horizon
from edge.journal.schema import ENTRIES
from edge.journal.snapshot import parts_in
from edge.journal.streams import Stream, streams
from edge.journal.tables import types_of
from edge.journal.transaction import Projections, open_readonly


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
        return chain.last(self._connection)

    def after(self, sequence: int, limit: int) -> list[Entry]:
        """At most `limit` entries that follow `sequence`, in order."""
        rows = self._connection.execute(ENTRIES + " WHERE sequence > ? ORDER BY sequence LIMIT ?", (sequence, limit))
        return [Entry(*row) for row in rows]

    def oldest_of(self, count: int, type_: str) -> int | None:
        """The sequence of the oldest among the newest `count` entries whose type begins so; none where none does."""
        newest = "SELECT sequence FROM entries WHERE substr(type, 1, ?)=? ORDER BY sequence DESC LIMIT ?"
        query = f"SELECT min(sequence) FROM ({newest})"  # noqa: S608 - our own
        row = self._connection.execute(query, (len(type_), type_, count)).fetchone()
        return None if row[0] is None else int(row[0])

    def hash_at(self, sequence: int) -> bytes | None:
        """The hash of one entry; GENESIS for 0; none where there is no such entry, or no more."""
        here = horizon(self._connection)
        if sequence <= here.first - 1:
            return here.hash if sequence == here.first - 1 else self._stream_end(sequence)
        return chain.hash_of(self._connection, sequence)

    def _stream_end(self, sequence: int) -> bytes | None:
        """Where a stream began on, its hash stays: by that the cloud knows what it goes on from."""
        row = self._connection.execute("SELECT hash FROM stream_ends WHERE sequence=?", (sequence,)).fetchone()
        return bytes(row[0]) if row else None

    def horizon(self) -> Horizon:
        """From where on the journal is kept."""
        return horizon(self._connection)

    def snapshot(self) -> Iterator[bytes] | None:
        """The parts of what stands for the facts that have left; none where all are there."""
        base = self.horizon().base
        return parts_in(self._connection, base) if base else None

    def lowest(self) -> int:
        """The number of the oldest entry in the file; 1 where there is none."""
        row = self._connection.execute("SELECT min(sequence) FROM entries").fetchone()
        return int(row[0] or 1)

    def newest_before(self, sequence: int) -> int:
        """The latest wall time of the entries before one; 0 where there are none."""
        row = self._connection.execute("SELECT max(wall_ms) FROM entries WHERE sequence < ?", (sequence,)).fetchone()
        return int(row[0] or 0)

    def newer(self, nouns: Projections) -> frozenset[str]:
        """Types that this build knows and the one before did not: whoever goes back to it must know of them."""
        own = types_of(nouns)
        row = self._connection.execute(
            "SELECT types FROM builds WHERE types<>? ORDER BY rowid DESC LIMIT 1", (own,)
        ).fetchone()
        return frozenset(own.split("\n")) - frozenset(row[0].split("\n")) if row else frozenset()

    def version(self) -> int:
        """A number that changes when another connection has committed: a cheap way to wait for news."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()
