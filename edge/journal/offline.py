"""What is done to a journal that no gateway works on: a copy that is to become the store's journal, or takes its end.

Each function runs on the connection of whoever has the file for itself. The nouns' tables hear nothing of it: who
changes entries forgets the tables (`forget_tables`), and the gateway makes them anew when it opens the file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from edge.journal.chain import Break, find_break_from, last
from edge.journal.entry import Clock, Entry, Ids, entry_hash, tag
from edge.journal.fact_encoding import body_of
from edge.journal.facts import StreamOpened
from edge.journal.schema import COLUMNS
from edge.journal.streams import Stream, streams
from edge.journal.transaction import DESTROY, OF_PERSONS

OPENED: Final = tag(StreamOpened)
_INSERT: Final = f"INSERT INTO entries ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)"  # noqa: S608 - our own columns
_BESIDE: Final = ("streams", *OF_PERSONS)
"""What is no fact and belongs to them."""

Said = tuple[bytes, str, int, int, bytes, bytes]
"""An entry without its place: id, type, wall, mono, boot, body."""


def insert_entries(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Put entries behind what is there, as they are. Whoever calls has proven their hashes."""
    connection.executemany(_INSERT, map(msgspec.structs.astuple, entries))


def append(connection: sqlite3.Connection, stream: bytes, sequence: int, previous: bytes, said: Said) -> bytes:
    """Say something at a place of its own, behind the entry whose hash is `previous`. Returns the new entry's hash."""
    identity, kind, wall, mono, boot, body = said
    digest = entry_hash(previous, stream, sequence, identity, wall, mono, boot, body)
    insert_entries(connection, [Entry(sequence, stream, identity, kind, wall, mono, boot, body, digest)])
    return digest


def open_stream(connection: sqlite3.Connection, reason: str, number: int, clock: Clock) -> StreamOpened:
    """Begin a new stream with the fact that says so, in one commit. The tables have to be made anew after that."""
    sequence, digest = last(connection)
    parent, made = streams(connection)[-1].id, os.urandom(16)
    fact = StreamOpened(
        parent=parent.hex(), parent_sequence=sequence, parent_hash=digest.hex(), reason=reason, generation=number
    )
    connection.execute("BEGIN IMMEDIATE")
    name_stream(connection, Stream(made, sequence + 1, reason, number))
    wall, mono, body = max(0, clock.wall_ms()), clock.mono_ms(), body_of(fact)
    append(connection, made, sequence + 1, digest, (Ids().new(wall), OPENED, wall, mono, clock.boot, body))
    connection.execute("COMMIT")
    return fact


def name_stream(connection: sqlite3.Connection, stream: Stream) -> None:
    """Note a stream that the journal goes on in. One that it knows already stays as it is."""
    connection.execute(
        "INSERT OR IGNORE INTO streams (stream, first_sequence, reason, generation) VALUES (?,?,?,?)",
        (stream.id, stream.first, stream.reason, stream.generation),
    )


def truncate_after(connection: sqlite3.Connection, after: int) -> list[Said]:
    """Take off every entry after a sequence, and the streams that began there. Returns what the entries said.

    Within the caller's transaction: the trigger that keeps entries is away meanwhile.
    """
    rows = connection.execute(
        "SELECT id, type, wall_ms, mono_ms, boot, body FROM entries WHERE sequence > ? ORDER BY sequence", (after,)
    ).fetchall()
    if rows:
        trigger = connection.execute("SELECT sql FROM sqlite_master WHERE name='entries_stay'").fetchone()
        connection.execute("DROP TRIGGER IF EXISTS entries_stay")
        connection.execute("DELETE FROM entries WHERE sequence > ?", (after,))
        if trigger is not None:
            connection.execute(trigger[0])
    connection.execute("DELETE FROM streams WHERE first_sequence > ? AND first_sequence > 1", (after,))
    if after == 0:
        connection.execute("DELETE FROM streams")
    return [tuple(row) for row in rows]


def ids_after(connection: sqlite3.Connection, sequence: int) -> set[bytes]:
    """The ids of the entries that follow a sequence."""
    return {row[0] for row in connection.execute("SELECT id FROM entries WHERE sequence > ?", (sequence,))}


def bodies_of(connection: sqlite3.Connection, kind: str) -> list[bytes]:
    """The bodies of every entry of a type, in order."""
    rows = connection.execute("SELECT body FROM entries WHERE type=? ORDER BY sequence", (kind,))
    return [bytes(row[0]) for row in rows]


def newest_moment(connection: sqlite3.Connection) -> int:
    """When the newest fact happened, in wall ms; 0 where there is none. That a stream was opened does not count."""
    row = connection.execute("SELECT coalesce(max(wall_ms), 0) FROM entries WHERE type<>?", (OPENED,)).fetchone()
    return int(row[0])


def destroy_persons(connection: sqlite3.Connection, subjects: Iterable[str]) -> None:
    """Destroy what opens and what finds these persons, in one commit."""
    names = [(subject,) for subject in subjects]
    connection.execute("BEGIN IMMEDIATE")
    for statement in DESTROY:
        connection.executemany(statement, names)
    connection.execute("COMMIT")


def forget_tables(connection: sqlite3.Connection) -> None:
    """The nouns' tables hold something else than the entries: they are made anew when a gateway opens the journal."""
    connection.execute("DELETE FROM cache")


def append_missing(connection: sqlite3.Connection, later: Path) -> int:
    """Put behind a journal what another file of it has in addition, byte for byte, in one commit. Returns how many.

    Streams and persons become those of the other file: who was erased meanwhile stays erased. Raises
    `sqlite3.DatabaseError`; then nothing has changed.
    """
    connection.execute("ATTACH ? AS later", (f"{later.resolve()}",))
    connection.execute("BEGIN IMMEDIATE")
    since, _ = last(connection)
    added = connection.execute(
        f"INSERT INTO main.entries ({COLUMNS}) SELECT {COLUMNS} FROM later.entries WHERE sequence > ? ORDER BY 1",  # noqa: S608
        (since,),
    ).rowcount
    for name in _BESIDE:
        names = ", ".join(found[1] for found in connection.execute(f"PRAGMA main.table_info({name})"))
        if names:
            connection.execute(f"DELETE FROM main.{name}")  # noqa: S608 - of the four above
            connection.execute(f"INSERT INTO main.{name} ({names}) SELECT {names} FROM later.{name}")  # noqa: S608
    connection.execute("DELETE FROM main._made")  # no record fits it: whichever version opens it makes its tables anew
    if found := find_break_from(connection, since):
        connection.execute("ROLLBACK")
        raise sqlite3.DatabaseError(break_in_words(found))
    connection.execute("COMMIT")
    return added


def break_in_words(found: Break) -> str:
    """A break of the chain in words."""
    return f"fact {found.at} is missing" if found.missing else f"the chain breaks at fact {found.at}"
