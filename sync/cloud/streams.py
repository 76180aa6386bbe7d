"""The streams of a store at the receiver: which there are, which one is in charge, and reading one back."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

import msgspec

from edge.journal.entry import GENESIS, Entry
from edge.journal.streams import MAX_GENERATION
from sync.messages import Hello, Streams, StreamTold
from sync.wire import Batch, Malformed, Parked, pack

AT_ONCE: Final = 2_000
"""Most entries of one answer."""
MAX_BYTES: Final = 4 * 1024 * 1024
"""Most bytes of bodies in one answer; a single entry may be larger."""

_CURRENT: Final = "SELECT stream FROM streams WHERE store=? ORDER BY generation DESC, key DESC LIMIT 1"
"""The latest generation is in charge; of two that know nothing of each other, the one that came last."""


class Stream(msgspec.Struct, frozen=True):
    """One stream as it is here."""

    key: int
    cursor: int
    hash: bytes
    first: int
    base: bytes
    """Hash of the entry before the first."""


def find(connection: sqlite3.Connection, store: str, stream: bytes) -> Stream | None:
    """The stream, where there is one."""
    row = connection.execute(
        "SELECT key, cursor, hash, first, base FROM streams WHERE store=? AND stream=?", (store, stream)
    ).fetchone()
    return Stream(*row) if row else None


def begin(connection: sqlite3.Connection, store: str, stream: bytes, now_ms: int, hello: Hello | None) -> Stream:
    """A stream that is new here. Raises `Malformed` for one that goes on from nowhere."""
    first, base, parent, generation, reason = _described(hello)
    before = find(connection, store, parent) if parent else None
    if (
        before is not None
        and before.first <= first - 1 <= before.cursor
        and _hash(connection, before.key, first - 1) != base
    ):
        raise Malformed("bad_hello", f"the stream that it goes on from has another entry {first - 1} here")
    connection.execute(
        """INSERT INTO streams (store, stream, cursor, hash, last, verdict, contact_ms, shelved,
                                first, base, parent, generation, reason)
           VALUES (?,?,?,?,0,'ok',?,?,?,?,?,?,?)""",
        (store, stream, first - 1, base, now_ms, first - 1, first, base, parent, generation, reason),
    )
    if parent:
        # What an earlier box still sends of its own is kept, and on no shelf: it happened, and counts for nothing.
        connection.execute(
            "UPDATE streams SET sealed=? WHERE store=? AND stream=? AND (sealed IS NULL OR sealed>?)",
            (first - 1, store, parent, first - 1),
        )
    found = find(connection, store, stream)
    if found is None:
        raise RuntimeError("a stream that was just written is not there")
    return found


def _described(hello: Hello | None) -> tuple[int, bytes, bytes | None, int, str]:
    if hello is None or not hello.parent:
        return 1, GENESIS, None, 0, ""
    try:
        parent, base = bytes.fromhex(hello.parent), bytes.fromhex(hello.parent_hash)
    except ValueError as error:
        raise Malformed("bad_hello", f"a stream's parent is named in hexadecimal: {error}") from None
    if {len(parent), len(base)} != {16} or hello.first < 1 or not 0 < hello.generation <= MAX_GENERATION:
        raise Malformed(
            "bad_hello",
            f"a stream goes on from a stream and a hash of 16 bytes, its generation is 1 to {MAX_GENERATION}",
        )
    return hello.first, base, parent, hello.generation, hello.reason[:40]


def current(connection: sqlite3.Connection, store: str) -> bytes:
    """The stream that is in charge; empty where there is none."""
    row = connection.execute(_CURRENT, (store,)).fetchone()
    return bytes(row[0]) if row else b""


def told(connection: sqlite3.Connection, store: str) -> Streams:
    """Everything that is here of a store."""
    rows = connection.execute(
        "SELECT stream, first, cursor, hash, generation, parent, reason, contact_ms FROM streams WHERE store=?"
        " ORDER BY generation, key",
        (store,),
    )
    return Streams(
        current(connection, store).hex(),
        [
            StreamTold(
                bytes(row[0]).hex(), row[1], row[2], bytes(row[3]).hex(), row[4], bytes(row[5] or b"").hex(), *row[6:]
            )
            for row in rows
        ],
    )


def read(connection: sqlite3.Connection, store: str, stream: bytes, after: int, limit: int) -> Batch | None:
    """The entries that follow `after`, as they came; None where there are none."""
    found = find(connection, store, stream)
    if found is None:
        return None
    place = max(after, found.first - 1)
    previous = found.base if place == found.first - 1 else _hash(connection, found.key, place)
    entries, parked = _entries(connection, found.key, stream, place, min(max(1, limit), AT_ONCE))
    return pack(entries, previous, digests=parked) if entries and previous is not None else None


def _hash(connection: sqlite3.Connection, key: int, sequence: int) -> bytes | None:
    row = connection.execute("SELECT hash FROM entries WHERE stream=? AND sequence=?", (key, sequence)).fetchone()
    return bytes(row[0]) if row else None


def _entries(
    connection: sqlite3.Connection, key: int, stream: bytes, after: int, limit: int
) -> tuple[list[Entry], Mapping[int, Parked]]:
    rows = connection.execute(
        "SELECT sequence, id, type, wall_ms, mono_ms, boot, body, hash FROM entries WHERE stream=? AND sequence>?"
        " ORDER BY sequence LIMIT ?",
        (key, after, limit),
    )
    entries: list[Entry] = []
    size = 0
    for sequence, identity, kind, wall, mono, boot, body, digest in rows:
        size += len(body or b"")
        if size > MAX_BYTES and entries:
            break
        entries.append(Entry(sequence, stream, identity, kind, wall, mono, boot, body or b"", digest))
    parked = connection.execute(
        "SELECT sequence, sha256, length FROM parked WHERE stream=? AND sequence>? AND sequence<=?",
        (key, after, entries[-1].sequence if entries else after),
    )
    return entries, {row[0]: Parked(*row) for row in parked}
