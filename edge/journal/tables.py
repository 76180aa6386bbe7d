"""The nouns' tables as a cache of the journal: whether they are as this build would make them, and making them anew."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec
import structlog

from edge.journal import packing, snapshot, unknown
from edge.journal.entry import Entry
from edge.journal.horizon import horizon
from edge.journal.schema import ENTRIES
from edge.journal.storage import fault_of
from edge.journal.transaction import Projection, Projections, Rows

log = structlog.get_logger(__name__)

State = Literal["as_wanted", "other_rules", "other_tables"]
"""`other_rules`: the same tables hold what other rules made of the same facts; they can be used meanwhile."""

TELL_EVERY: Final = 100_000
OF_NOBODY: Final = unknown.SCHEMA + packing.SCHEMA
"""Tables that belong to no noun."""


class TableDigests(msgspec.Struct, frozen=True):
    """By what a noun's tables were made: digests of its SQL and of the facts that it knows, and its rules' version."""

    schema: str
    facts: str
    rules: int


def wanted_digests(nouns: Projections) -> dict[str, TableDigests]:
    """What this build would make, noun by noun."""
    return {noun.name: _made(noun) for noun in nouns.nouns} | {"": TableDigests(_digest(OF_NOBODY), "", 1)}


def _made(noun: Projection) -> TableDigests:
    return TableDigests(
        _digest("\n".join((noun.schema, *noun.ends))), _digest("\n".join(sorted(noun.known))), noun.rules
    )


def state(connection: sqlite3.Connection, nouns: Projections) -> State:
    """How the tables in the file compare with what this build would make."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name='_made'").fetchone() is None:
        return "other_tables"  # an earlier build's, which kept no such record
    row = connection.execute("SELECT schema_digest FROM cache").fetchone()
    made = {
        name: TableDigests(*rest) for name, *rest in connection.execute("SELECT noun, schema, facts, rules FROM _made")
    }
    if row is None or row[0] != _sum(made):
        return "other_tables"  # an earlier build, which kept no such record, made them
    want = wanted_digests(nouns)
    if made == want:
        return "as_wanted"
    # The rules of a fact that was unknown hold what it names, so that comes before anything is decided.
    alike = {(name, one.schema, one.facts) for name, one in made.items()} == {
        (name, one.schema, one.facts) for name, one in want.items()
    }
    return "other_rules" if alike else "other_tables"


class Replay:
    """Applies facts again, in their order, whatever they are: one that cannot be applied is noted and passed by."""

    def __init__(self, connection: sqlite3.Connection, nouns: Projections) -> None:
        self._connection = connection
        self._nouns = nouns
        self._rows = Rows(connection)
        self.count = self.last = 0
        """How many facts it took, and the sequence of the last."""
        self.faults: list[str] = []
        """Facts of known types that could not be applied, a sentence each."""
        self.passed_by: list[Entry] = []
        """Those, and the unknown."""

    def take(self, entry: Entry) -> bool:
        """The next fact; False where it was passed by. Raises only what the storage raises."""
        self.count += 1
        self.last = entry.sequence
        try:
            fact = self._nouns.readers[entry.type](entry.body)
        except (KeyError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
            self._pass_by(entry)
            return False
        self._connection.execute("SAVEPOINT fact")
        try:
            self._nouns.applies[entry.type](self._rows, entry, fact)
        except Exception as error:
            if fault_of(error):
                raise
            self._connection.execute("ROLLBACK TO fact")
            self._pass_by(entry)
            self.faults.append(f"entry {entry.sequence} ({entry.type}): cannot be applied: {error}")
            self._connection.execute("RELEASE fact")
            return False
        self._connection.execute("RELEASE fact")
        return True

    def _pass_by(self, entry: Entry) -> None:
        unknown.note(self._connection, entry)
        self.passed_by.append(entry)


def begin(
    connection: sqlite3.Connection, nouns: Projections, parts: Iterable[bytes] | None
) -> tuple[Replay, snapshot.Head | None]:
    """What goes on from a snapshot's parts in empty tables, or from nothing."""
    replay = Replay(connection, nouns)
    if parts is None:
        return replay, None
    head = snapshot.restore(connection, nouns, names(nouns), iter(parts))
    for entry in snapshot.passed_by(head):  # a build that knows them takes them now
        replay.take(entry)
    replay.faults.clear()  # they were told when they were new
    replay.count, replay.last = 0, head.base
    return replay, head


def rebuild(connection: sqlite3.Connection, nouns: Projections) -> int:
    """Drop the nouns' tables and apply every fact again, in one transaction. Returns the number of facts."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        clear(connection, nouns)
        create(connection, nouns)
        here = horizon(connection)
        parts = snapshot.parts_in(connection, here.base) if here.base else None
        replay, _ = begin(connection, nouns, parts)
        for row in connection.execute(ENTRIES + " WHERE sequence > ? ORDER BY sequence", (here.base,)):
            replay.take(Entry(*row))
            if replay.count % TELL_EVERY == 0:
                log.info("tables.rebuilding", facts=replay.count)
        record(connection, nouns)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    for fault in replay.faults[:20]:
        log.error("fact.not_applied", why=fault)
    return replay.count


def catch_up(connection: sqlite3.Connection, nouns: Projections, since: int) -> int:
    """Apply the facts after `since` to tables that hold those before, in one transaction. Returns how many it took.

    Tables that this build would make otherwise are made anew.
    """
    if state(connection, nouns) != "as_wanted":
        return rebuild(connection, nouns)
    connection.execute("BEGIN IMMEDIATE")
    try:
        replay = Replay(connection, nouns)
        for row in connection.execute(ENTRIES + " WHERE sequence > ? ORDER BY sequence", (since,)).fetchall():
            replay.take(Entry(*row))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return replay.count


def create(connection: sqlite3.Connection, nouns: Projections) -> None:
    """Every noun's tables, and those of none; empty."""
    for statement in filter(str.strip, f"{nouns.schema};{OF_NOBODY}".split(";")):
        connection.execute(statement)


def clear(connection: sqlite3.Connection, nouns: Projections) -> None:
    """Drop what `create` will make, and what the same nouns made before. Tables of other nouns are theirs."""
    known = {noun.name for noun in nouns.nouns} | {""}
    made = [(name, noun) for name, noun in connection.execute("SELECT name, noun FROM _tables")]
    old = {name for name, noun in made if noun in known}
    if not made:  # an earlier build, which kept no such record: all but the journal's own was of its nouns
        from edge.journal.migrations import own_tables  # noqa: PLC0415 - its library is large, and such files are old

        own = own_tables()
        old = {name for name in tables(connection) if name not in own and not name.startswith("_")}
    new = {name for noun in _names(nouns).values() for name in noun}
    kinds = {name: kind for name, _, kind in _objects(connection)}
    for name in sorted(old | new, key=lambda name: kinds.get(name) != "table"):
        kind = {name: kind for name, _, kind in _objects(connection)}.get(name)
        if kind is not None:
            connection.execute(f'DROP {kind} "{name}"')


def record(connection: sqlite3.Connection, nouns: Projections) -> None:
    """Note by what the tables were made. A build that would make them otherwise sees it, and makes them anew."""
    made = wanted_digests(nouns)
    connection.execute("DELETE FROM _made")
    connection.executemany(
        "INSERT INTO _made (noun, schema, facts, rules) VALUES (?,?,?,?)",
        [(name, one.schema, one.facts, one.rules) for name, one in made.items()],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO _tables (name, noun) VALUES (?,?)",
        [(name, noun) for noun, names in _names(nouns).items() for name in names],
    )
    connection.execute(
        "INSERT OR IGNORE INTO builds (types, since) SELECT ?, coalesce(max(sequence), 0) FROM entries",
        (types_of(nouns),),
    )
    connection.execute("DELETE FROM cache")
    connection.execute("INSERT INTO cache (schema_digest) VALUES (?)", (_sum(made),))


def types_of(nouns: Projections) -> str:
    """The types that a build knows, by which it is told from others; one a line."""
    return "\n".join(sorted(nouns.readers))


def names(nouns: Projections) -> list[str]:
    """The tables that this build makes."""
    empty = sqlite3.connect(":memory:")
    create(empty, nouns)
    found = tables(empty)
    empty.close()
    return found


def _names(nouns: Projections) -> dict[str, list[str]]:
    """What each noun's SQL makes, by name."""
    made = {}
    for noun, schema in [(noun.name, noun.schema) for noun in nouns.nouns] + [("", OF_NOBODY)]:
        empty = sqlite3.connect(":memory:")
        empty.executescript(schema)
        made[noun] = [name for name, _, _ in _objects(empty)]
        empty.close()
    return made


def tables(connection: sqlite3.Connection) -> list[str]:
    """The names of a file's tables."""
    return [name for name, _, kind in _objects(connection) if kind == "table"]


def _objects(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    rows: Iterable[tuple[str, str, str]] = connection.execute(
        "SELECT name, tbl_name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    ).fetchall()
    yield from map(tuple, rows)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sum(made: dict[str, TableDigests]) -> str:
    return _digest(msgspec.json.encode(dict(sorted(made.items()))).decode())
