"""The tables of a moment, as bytes: what stands for the facts that have left the journal.

A snapshot is a row of parts, each a compressed list of rows of one table; the first says how the tables were made. A
build with other tables takes over the columns that both have, and asks the noun (`Projection.carry`) where that is not
enough. What the build that made it did not know goes along as it was recorded, for one that does. What a table packs is
plain text in it.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

import msgspec

from edge.errors import JournalError
from edge.journal import unknown
from edge.journal.entry import Entry
from edge.journal.packing import KEPT_SHORT, PHRASES, packed_row, plain
from edge.journal.transaction import Projections
from edge.journal.transaction import Rows as Tables

T = TypeVar("T")

AT_ONCE: Final = 1000
"""Rows in a part."""
LEVEL: Final = 6
"""Of compression."""

OF_NOBODY: Final = unknown.TABLES | {PHRASES}

_encode = msgspec.msgpack.Encoder().encode


class Table(msgspec.Struct, frozen=True):
    """How a table was."""

    name: str
    columns: list[str]


class Head(msgspec.Struct, frozen=True):
    """What the first part says."""

    base: int
    """The newest entry that is in it."""
    tables: list[Table]
    later: list[tuple[str, int, int, int]]
    """Types of facts that the build before did not know: how many, the first and the last. They are in the tables."""
    named: list[tuple[str, str, str, int, int]]
    """What those name: kind, subject, type, sequence, wall time. A build without these types holds it."""
    passed_by: list[list[Any]]
    """Entries that could not be applied, as they were recorded. They are in no table."""


class TableRows(msgspec.Struct, frozen=True):
    """Some rows of a table, and its place in the head."""

    table: int
    rows: list[list[Any]]


class NotCarried(JournalError):
    """A snapshot's table does not fit this build's, and its noun does not say how it becomes one."""


class SnapshotSpoilt(JournalError):
    """A snapshot's parts are not what was written."""


def digest_of(parts: Iterable[bytes]) -> bytes:
    """What binds a snapshot: SHA-256 over the SHA-256 of each part."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.digest()


def parts_in(connection: sqlite3.Connection, base: int) -> Iterator[bytes]:
    """A snapshot's parts as the journal's file holds them, in order."""
    for row in connection.execute("SELECT body FROM snapshots WHERE base=? ORDER BY part", (base,)):
        yield bytes(row[0])


def dump(
    connection: sqlite3.Connection, names: Iterable[str], head: Head, before: Callable[[], Iterator[bytes] | None]
) -> Iterator[bytes]:
    """The parts of the tables that lie in a file. `head` needs no tables yet.

    Tables of the snapshot `before` which this build does not have go along as they are.
    """
    tables = [Table(name, _columns(connection, name)) for name in names if name not in OF_NOBODY]
    parts = before()
    earlier = _read(next(parts, b""), Head).tables if parts is not None else []
    own = {table.name for table in tables}
    strange = [table for table in earlier if table.name not in own]
    yield zlib.compress(_encode(msgspec.structs.replace(head, tables=[*tables, *strange])), LEVEL)
    for number, table in enumerate(tables):
        columns = ", ".join(f'"{column}"' for column in table.columns)
        cursor = connection.execute(f'SELECT {columns} FROM "{table.name}"')  # noqa: S608 - our own tables
        while rows := cursor.fetchmany(AT_ONCE):
            yield zlib.compress(_encode(TableRows(number, [list(plain(connection, row)) for row in rows])), LEVEL)
    for part in parts if parts is not None and strange else ():
        found = _read(part, TableRows)
        if earlier[found.table] in strange:
            moved = TableRows(len(tables) + strange.index(earlier[found.table]), found.rows)
            yield zlib.compress(_encode(moved), LEVEL)


def _read(part: bytes, form: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(zlib.decompress(part), type=form)
    except (zlib.error, ValueError) as error:
        raise SnapshotSpoilt(f"the snapshot that stands for earlier facts is not what was written: {error}") from None


def restore(connection: sqlite3.Connection, nouns: Projections, names: Iterable[str], parts: Iterator[bytes]) -> Head:
    """Fill this build's empty tables. Returns the head. Raises `NotCarried`, `SnapshotSpoilt`."""
    head, own = _read(next(parts, b""), Head), set(names)
    takers = [_Taker(connection, table, nouns) if table.name in own else None for table in head.tables]
    for part in parts:
        found = _read(part, TableRows)
        if (taker := takers[found.table]) is not None:
            taker.take(found.rows)
    _note_later(connection, nouns, head)
    return head


class _Taker:
    """Puts rows of a table as it was into the table as it is."""

    def __init__(self, connection: sqlite3.Connection, table: Table, nouns: Projections) -> None:
        self._connection = connection
        self._table = table
        self._carry = nouns.carry.get(table.name)
        self._now = _columns(connection, table.name)
        self._tables = Tables(connection)
        self._kinds = _kinds(connection, table.name)
        self._places = [place for place, column in enumerate(table.columns) if column in self._now]

    def take(self, rows: list[list[Any]]) -> None:
        if self._table.columns == self._now:
            self._put(self._now, rows)
        elif self._carry is not None:
            for row in rows:
                carried = self._carry(dict(zip(self._table.columns, row, strict=True)))
                if carried is not None:
                    self._put(list(carried), [list(carried.values())])
        else:
            names = [self._table.columns[place] for place in self._places]
            self._put(names, [[row[place] for place in self._places] for row in rows])

    def _put(self, columns: list[str], rows: list[list[Any]]) -> None:
        kinds = [self._kinds.get(column, "") for column in columns]
        if not KEPT_SHORT.isdisjoint(kinds):
            rows = [packed_row(self._tables, kinds, row) for row in rows]
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ",".join("?" * len(columns))
        insert = f'INSERT INTO "{self._table.name}" ({names}) VALUES ({marks})'  # noqa: S608 - our own tables
        try:
            self._connection.executemany(insert, rows)
        except (sqlite3.IntegrityError, sqlite3.OperationalError) as error:
            raise NotCarried(
                f"table {self._table.name} of the snapshot has {', '.join(self._table.columns)}, and this version's"
                f" cannot be made of that: {error}"
            ) from error


def _note_later(connection: sqlite3.Connection, nouns: Projections, head: Head) -> None:
    """What this build does not know of what the one that made the snapshot knew: counted, and its subjects held."""
    strange = [kind for kind in head.later if kind[0] not in nouns.readers]
    connection.executemany("INSERT INTO unknown_facts (type, count, first, last) VALUES (?,?,?,?)", strange)
    kinds = {kind[0] for kind in strange}
    connection.executemany(
        "INSERT OR REPLACE INTO held_subjects (kind, subject, type, sequence, at_ms) VALUES (?,?,?,?,?)",
        [row for row in head.named if row[2] in kinds],
    )


def passed_by(head: Head) -> list[Entry]:
    """The entries that were passed by when the snapshot was made."""
    return [Entry(*row) for row in head.passed_by]


def _columns(connection: sqlite3.Connection, name: str) -> list[str]:
    """A table's columns, with its hidden numbers where it has some: the order of rows is asked for by them."""
    rows = list(connection.execute(f'PRAGMA table_info("{name}")'))
    named = [str(row[1]) for row in rows]
    keyed = any(row[5] and str(row[2]).upper() == "INTEGER" for row in rows) and sum(bool(row[5]) for row in rows) == 1
    if not named or keyed:
        return named
    try:
        connection.execute(f'SELECT rowid FROM "{name}" LIMIT 0')  # noqa: S608 - our own tables
    except sqlite3.OperationalError:
        return named  # WITHOUT ROWID
    return ["rowid", *named]


def _kinds(connection: sqlite3.Connection, name: str) -> dict[str, str]:
    """The declared type of each column."""
    return {str(row[1]): str(row[2]) for row in connection.execute(f'PRAGMA table_info("{name}")')}
