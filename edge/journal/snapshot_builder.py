"""Makes the snapshot that stands for facts which leave: the tables as of one entry, in a file beside the journal."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from edge.journal import snapshot, tables, unknown
from edge.journal.entry import Entry
from edge.journal.packing import known_to
from edge.journal.reader import JournalReader
from edge.journal.transaction import Projections
from edge.secrets import private

AT_ONCE: Final = 500
"""Facts between two pauses."""

Rest = Callable[[float], bool]
"""Waits for so many seconds; True when it is time to give up."""


class SnapshotFile(msgspec.Struct, frozen=True):
    """A snapshot in a file of its own, which whoever asked for it removes."""

    base: int
    digest: bytes
    count: int
    """Its parts."""
    file: Path

    def parts(self) -> Iterator[bytes]:
        """Its parts in order."""
        with closing(sqlite3.connect(self.file)) as connection:
            for number in range(self.count):
                row = connection.execute("SELECT body FROM parts WHERE part=?", (number,)).fetchone()
                yield bytes(row[0])

    def discard(self) -> None:
        """Remove the file."""
        self.file.unlink(missing_ok=True)


class Abandoned(Exception):
    """There was no time to finish it."""


def make(path: Path, nouns: Projections, base: int, rest: Rest) -> SnapshotFile:
    """The snapshot as of entry `base`: the one before, and the facts since. Works half of the time.

    Raises `Abandoned` when `rest` says so, and what the storage raises.
    """
    file = path.with_name(f"{path.name}.base")
    file.unlink(missing_ok=True)
    private.database(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection, closing(JournalReader(path)) as reader:
        known_to(connection)
        connection.execute("PRAGMA journal_mode=OFF")  # what is lost with the power is made again
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        tables.create(connection, nouns)
        head = _Replayed(connection, nouns, reader).upto(base, rest)
        connection.execute("CREATE TABLE parts (part INTEGER PRIMARY KEY, body BLOB)")
        digest, count = hashlib.sha256(), 0
        began = time.monotonic()
        for part in snapshot.dump(connection, tables.names(nouns), head, reader.snapshot):
            connection.execute("INSERT INTO parts VALUES (?,?)", (count, part))
            digest.update(hashlib.sha256(part).digest())
            count += 1
            if rest(time.monotonic() - began):
                raise Abandoned
            began = time.monotonic()
        connection.execute("COMMIT")
    return SnapshotFile(base, digest.digest(), count, file)


class _Replayed:
    """Applies the facts up to one, and keeps what another build needs to know of them."""

    def __init__(self, connection: sqlite3.Connection, nouns: Projections, reader: JournalReader) -> None:
        self._connection = connection
        self._reader = reader
        self._replay, before = tables.begin(connection, nouns, reader.snapshot())
        self._place = before.base if before else 0
        self._passed_by = {entry.sequence: entry for entry in self._replay.passed_by}
        self._newer = reader.newer(nouns)
        self._later = {kind: (count, first, last) for kind, count, first, last in (before.later if before else [])}
        self._named = {(row[0], row[1], row[2]): row for row in (before.named if before else [])}

    def upto(self, base: int, rest: Rest) -> snapshot.Head:
        while self._place < base:
            began = time.monotonic()
            batch = [entry for entry in self._reader.after(self._place, AT_ONCE) if entry.sequence <= base]
            if not batch:
                raise ValueError(f"there is no entry {base}")
            for entry in batch:
                self._take(entry)
            self._place = batch[-1].sequence
            if rest(time.monotonic() - began):
                raise Abandoned
        passed_by = [list(msgspec.structs.astuple(entry)) for _, entry in sorted(self._passed_by.items())]
        later = [(kind, *counted) for kind, counted in sorted(self._later.items())]
        return snapshot.Head(base, [], later, [row for _, row in sorted(self._named.items())], passed_by)

    def _take(self, entry: Entry) -> None:
        if not self._replay.take(entry):
            self._passed_by[entry.sequence] = entry
        elif entry.type in self._newer:
            count, first, _ = self._later.get(entry.type, (0, entry.sequence, 0))
            self._later[entry.type] = (count + 1, first, entry.sequence)
            for kind, subject in unknown.subjects_in(entry.body):
                self._named[kind, subject, entry.type] = (kind, subject, entry.type, entry.sequence, entry.wall_ms)
