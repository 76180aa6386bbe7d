"""The receiver's store in one SQLite file: WAL, `synchronous=FULL`, one writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sync.cloud import index, leases, streams
from sync.cloud.leases import BudgetStatus, SharedBudget
from sync.cloud.projections import shelve
from sync.cloud.schema import open_reader, open_writer
from sync.cloud.store import (
    ChainConflict,
    CloudRegistration,
    Overview,
    StorageBroken,
    StorageFull,
    StoreError,
    StoreView,
    StreamView,
)
from sync.cloud.streams import Stream
from sync.messages import Index, Lease, LeaseWish
from sync.signing import Signer
from sync.wire import Ack, Batch, ChainBroken, Hello, HelloReply, Malformed, Streams, Unpacked, unpack

MAX_POINTS: Final = 200
"""Most points in a locator; 2^100 entries need half of that."""

MAX_TYPES: Final = 400
"""Types of facts that are told of each store, the most frequent: twice as many as there are."""

_DISK = ("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_READONLY", "SQLITE_CANTOPEN")


class SqliteStore:
    """Keeps `StreamStore`'s promises with one file. Its directory must be on a disk that honours fsync."""

    def __init__(self, path: Path, max_pages: int | None = None, recovery_point_s: int | None = None) -> None:
        self._recovery_point_s = recovery_point_s
        self._signer = Signer(path.parent)
        self._write = open_writer(path, max_pages)
        self._read = open_reader(path)

    def hello(self, store: str, hello: Hello, now_ms: int) -> HelloReply:
        """The cursor of the stream, and whether what is here is a prefix of the store's journal."""
        stream_id, points = _points(hello)
        with self._transaction():
            stream = self._stream(store, stream_id, now_ms, hello)
            common, agreed = self._common(stream, points)
            if agreed and hello.within and hello.last_sequence < stream.cursor:
                # The store's journal went on from there in another stream; what is here beyond is an earlier box's.
                stream = self._cut(stream, hello.last_sequence)
            verdict = "ok" if agreed and hello.last_sequence >= stream.cursor else "fork"
            current = streams.current(self._write, store).hex()
            self._write.execute(
                "UPDATE streams SET last=?, verdict=?, contact_ms=? WHERE key=?",
                (hello.last_sequence, verdict, now_ms, stream.key),
            )
        told, known = current if current != hello.stream else "", self._recovery_point_s
        if verdict == "fork":
            return HelloReply(stream.cursor, stream.hash.hex(), "fork", common + 1, told, known)
        in_charge = current in (hello.stream, hello.within)
        return HelloReply(stream.cursor, stream.hash.hex(), "ok" if in_charge else "fenced", None, told, known)

    def receive(self, store: str, batch: Batch, now_ms: int) -> Ack:
        """Keep a batch. Nothing is written before its whole chain has been verified."""
        with self._transaction():
            stream = self._stream(store, batch.stream, now_ms)
            fresh = self._verify(stream, batch)
            cursor, last = stream.cursor, stream.hash
            rows = [(stream.key, *row) for row in fresh.rows if row[0] > cursor]
            if rows:
                self._write.executemany("INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?)", rows)
                parked = [(stream.key, p.sequence, p.sha256, p.length) for p in fresh.parked if p.sequence > cursor]
                self._write.executemany("INSERT INTO parked VALUES (?,?,?,?)", parked)
                cursor, last = batch.first + batch.count - 1, batch.last
            self._write.execute(
                "UPDATE streams SET cursor=?, hash=?, last=max(last, ?), verdict='ok', contact_ms=? WHERE key=?",
                (cursor, last, cursor, now_ms, stream.key),
            )
        return Ack(cursor, last.hex())

    def shelve(self) -> bool:
        """Sort what was received since the last call, in a transaction of its own."""
        with self._transaction():
            return shelve(self._write, self._signer.is_mine)

    def grant(self, store: str, wish: LeaseWish, budgets: Mapping[str, SharedBudget], now_ms: int) -> Lease:
        """A part of a budget for a store, durable when it returns. Raises `NoLease`."""
        with self._transaction():
            return leases.grant(self._write, store, wish, budgets, now_ms)

    def standings(self, budgets: Mapping[str, SharedBudget]) -> list[BudgetStatus]:
        """Where each budget stands."""
        return leases.standings(self._read, budgets)

    def overview(self, registrations: int) -> Overview:
        """What the page shows."""
        views: dict[str, list[StreamView]] = {}
        for store, stream, *rest in self._read.execute(
            "SELECT store, stream, cursor, last, verdict, contact_ms, first FROM streams"
            " ORDER BY store, generation DESC, key DESC"
        ):
            views.setdefault(store, []).append(StreamView(stream.hex(), *rest))
        counts: dict[str, dict[str, int]] = {}
        for store, kind, number in self._read.execute(
            "SELECT store, type, number FROM (SELECT *, row_number() OVER (PARTITION BY store ORDER BY number DESC) AS"
            " place FROM counts) WHERE place<=? ORDER BY number DESC",
            (MAX_TYPES,),
        ):
            counts.setdefault(store, {})[kind] = number
        held: dict[str, int] = dict(
            self._read.execute("SELECT store, count(*) FROM quarantine q JOIN streams s ON s.key = q.stream GROUP BY 1")
        )
        newest = self._read.execute(
            """SELECT store, at_ms, member, touchpoint, language, consents FROM registrations
               ORDER BY at_ms DESC, stream DESC, sequence DESC LIMIT ?""",
            (registrations,),
        )
        return Overview(
            [
                StoreView(store, max(s.contact_ms for s in those), those, counts.get(store, {}), held.get(store, 0))
                for store, those in views.items()
            ],
            [
                CloudRegistration(store, at_ms, member, touchpoint, language, given.split())
                for store, at_ms, member, touchpoint, language, given in newest
            ],
        )

    def streams(self, store: str) -> Streams:
        """Every stream of a store, and which is in charge."""
        return streams.told(self._read, store)

    def index(self, store: str, stream: bytes, after: int, limit: int) -> Index:
        """What lies here, entry by entry."""
        return index.index(self._read, store, stream, after, limit)

    def read(self, store: str, stream: bytes, after: int, limit: int) -> Batch | None:
        """The entries that follow `after`, as they came."""
        return streams.read(self._read, store, stream, after, limit)

    def limit(self, max_pages: int) -> None:
        """Let the file grow to so many pages of 4 KiB and no further."""
        self._write.execute(f"PRAGMA max_page_count={max_pages:d}")

    def close(self) -> None:
        """Give the file back."""
        self._read.close()
        self._write.close()

    def _stream(self, store: str, stream: bytes, now_ms: int, hello: Hello | None = None) -> Stream:
        found = streams.find(self._write, store, stream)
        return found or streams.begin(self._write, store, stream, now_ms, hello)

    def _hash_at(self, stream: Stream, sequence: int) -> bytes | None:
        if sequence == stream.first - 1:
            return stream.base
        find = "SELECT hash FROM entries WHERE stream=? AND sequence=?"
        row = self._write.execute(find, (stream.key, sequence)).fetchone()
        return row[0] if row else None

    def _cut(self, stream: Stream, sequence: int) -> Stream:
        """The stream as far as `sequence`."""
        found = self._hash_at(stream, sequence)
        return Stream(stream.key, sequence, found, stream.first, stream.base) if found is not None else stream

    def _common(self, stream: Stream, points: list[tuple[int, bytes]]) -> tuple[int, bool]:
        """The highest point that both sides have, and whether no point below the cursor contradicts."""
        agreed = True
        for sequence, theirs in points:
            if not stream.first - 1 <= sequence <= stream.cursor:
                continue
            if self._hash_at(stream, sequence) == theirs:
                return sequence, agreed
            agreed = False
        return stream.first - 1, agreed

    def _verify(self, stream: Stream, batch: Batch) -> Unpacked:
        """The batch's entries, once they are proven to go on from what is here."""
        cursor = stream.cursor
        if batch.first > cursor + 1:
            raise ChainConflict("gap", cursor, f"the next entry is {cursor + 1}, not {batch.first}")
        try:
            fresh = unpack(batch)
        except ChainBroken as error:
            raise ChainConflict("diverged", cursor, str(error)) from None
        # Equal hashes at the start and at the last common entry mean equal entries all the way between.
        meeting = min(cursor, batch.first + batch.count - 1)
        theirs = fresh.rows[meeting - batch.first][7] if meeting >= batch.first else batch.previous
        if self._hash_at(stream, batch.first - 1) != batch.previous or self._hash_at(stream, meeting) != theirs:
            raise ChainConflict("diverged", cursor, f"what came is not what was acknowledged up to {meeting}")
        return fresh

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, durable when left. Translates what SQLite reports."""
        try:
            self._write.execute("BEGIN IMMEDIATE")
            yield
            self._write.execute("COMMIT")
        except BaseException as error:
            if self._write.in_transaction:
                self._write.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise _translated(error) from error
            raise


def _points(hello: Hello) -> tuple[bytes, list[tuple[int, bytes]]]:
    """Stream and locator of a handshake, newest point first. Raises `Malformed`."""
    try:
        stream = bytes.fromhex(hello.stream)
        points = sorted(((sequence, bytes.fromhex(hash_)) for sequence, hash_ in hello.locator), reverse=True)
    except ValueError as error:
        raise Malformed("bad_hello", f"stream and hashes are hexadecimal: {error}") from None
    if len(stream) != 16 or len(points) > MAX_POINTS or not 0 <= hello.last_sequence < 2**63:
        raise Malformed("bad_hello", f"a stream has 16 bytes, a locator at most {MAX_POINTS} points")
    return stream, points


def _translated(error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name == "SQLITE_FULL":
        return StorageFull("there is no space in the database; nothing was kept")
    if name.startswith(_DISK):
        return StorageBroken(f"{name}: {error}")
    return StoreError(f"{name}: {error}")
