from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from edge.journal.entry import GENESIS
from edge.journal.reader import JournalReader
from sync.cloud import sqlite_store
from sync.cloud.sqlite_store import SqliteStore
from sync.cloud.store import ChainConflict, StorageFull
from sync.wire import Batch, Hello, Malformed, pack
from tests.sync.journals import JournalFile, registered


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "cloud.db")
    yield made
    made.close()


@pytest.fixture
def reader(journal: JournalFile) -> Iterator[JournalReader]:
    made = JournalReader(journal.path)
    yield made
    made.close()


def batch(reader: JournalReader, after: int, size: int) -> Batch:
    return pack(reader.after(after, size), reader.hash_at(after) or GENESIS)


def test_entries_and_cursor_move_together(store: SqliteStore, journal: JournalFile, reader: JournalReader) -> None:
    journal.append(30)
    ack = store.receive("s001", batch(reader, 0, 20), 1)
    assert (ack.cursor, ack.hash) == (20, (reader.hash_at(20) or b"").hex())
    assert store.receive("s001", batch(reader, 20, 20), 2).cursor == 30


def test_what_came_before_is_skipped_and_still_acknowledged(
    store: SqliteStore, journal: JournalFile, reader: JournalReader
) -> None:
    journal.append(30)
    store.receive("s001", batch(reader, 0, 20), 1)
    for first, size, cursor in ((0, 20, 20), (5, 3, 20), (0, 1, 20), (10, 20, 30), (0, 30, 30)):
        ack = store.receive("s001", batch(reader, first, size), 2)
        assert (ack.cursor, ack.hash) == (cursor, (reader.hash_at(cursor) or b"").hex())


def test_a_gap_is_refused_with_the_cursor(store: SqliteStore, journal: JournalFile, reader: JournalReader) -> None:
    journal.append(30)
    store.receive("s001", batch(reader, 0, 10), 1)
    with pytest.raises(ChainConflict) as caught:
        store.receive("s001", batch(reader, 11, 5), 1)
    assert (caught.value.code, caught.value.cursor) == ("gap", 10)
    with pytest.raises(ChainConflict) as caught:  # a stream that is new here
        store.receive("s002", batch(reader, 11, 5), 1)
    assert (caught.value.code, caught.value.cursor) == ("gap", 0)


@pytest.mark.parametrize(("after", "size"), [(0, 10), (3, 10), (9, 1), (10, 5), (0, 25)])
def test_another_history_is_never_mixed_in(
    store: SqliteStore, journal: JournalFile, reader: JournalReader, tmp_path: Path, after: int, size: int
) -> None:
    journal.append(10)
    store.receive("s001", batch(reader, 0, 10), 1)
    other = JournalFile(tmp_path / "other.db")
    other.stream = journal.stream
    other.append(25)
    others = JournalReader(other.path)
    with pytest.raises(ChainConflict) as caught:
        store.receive("s001", batch(others, after, size), 1)
    assert caught.value.code == "diverged"
    assert store.receive("s001", batch(reader, 0, 10), 1).cursor == 10
    others.close()
    other.close()


def test_a_wrong_last_hash_is_refused_and_leaves_no_trace(
    store: SqliteStore, journal: JournalFile, reader: JournalReader
) -> None:
    journal.append(5)
    wrong = msgspec.structs.replace(batch(reader, 0, 5), last=bytes(16))
    with pytest.raises(ChainConflict, match="another hash"):
        store.receive("s001", wrong, 1)
    assert store.overview(1).stores == []


def test_the_same_stream_may_exist_in_two_stores(
    store: SqliteStore, journal: JournalFile, reader: JournalReader
) -> None:
    journal.append(5)
    assert store.receive("s001", batch(reader, 0, 5), 1).cursor == 5
    assert store.hello("s002", Hello(journal.stream.hex(), 5, []), 1).cursor == 0
    assert store.receive("s002", batch(reader, 0, 5), 1).cursor == 5


def test_hello_finds_the_highest_common_point(store: SqliteStore, journal: JournalFile, reader: JournalReader) -> None:
    journal.append(100)
    stream = journal.stream.hex()
    points = [(n, (reader.hash_at(n) or b"").hex()) for n in (100, 99, 96, 92, 84, 68, 36)]
    store.receive("s001", batch(reader, 0, 90), 1)
    assert store.hello("s001", Hello(stream, 100, points), 1).verdict == "ok"
    forked = [(n, "00" * 16) if n > 70 else (n, h) for n, h in points]
    reply = store.hello("s001", Hello(stream, 100, forked), 1)
    assert (reply.verdict, reply.fork_from, reply.cursor) == ("fork", 69, 90)
    # Shorter than what is here: a restored journal, even where every point agrees.
    reply = store.hello("s001", Hello(stream, 68, points[5:]), 1)
    assert (reply.verdict, reply.fork_from) == ("fork", 69)
    assert store.hello("s001", Hello(stream, 100, []), 1).verdict == "ok"


@pytest.mark.parametrize(
    "hello",
    [
        Hello("no hex", 1, []),
        Hello("00", 1, []),
        Hello("00" * 16, -1, []),
        Hello("00" * 16, 1, [(1, "zz")]),
        Hello("00" * 16, 1, [(1, "00" * 16)] * 300),
    ],
)
def test_a_hello_that_makes_no_sense_is_refused(store: SqliteStore, hello: Hello) -> None:
    with pytest.raises(Malformed):
        store.hello("s001", hello, 1)


def test_a_full_disk_keeps_nothing_of_the_batch_and_goes_on_when_there_is_room(
    store: SqliteStore, journal: JournalFile, reader: JournalReader
) -> None:
    journal.append(4_000)
    store.receive("s001", batch(reader, 0, 500), 1)
    store.limit(store._write.execute("PRAGMA page_count").fetchone()[0] + 20)
    with pytest.raises(StorageFull):
        store.receive("s001", batch(reader, 500, 2_000), 1)
    reply = store.hello("s001", Hello(journal.stream.hex(), 4_000, []), 1)
    assert (reply.cursor, reply.hash) == (500, (reader.hash_at(500) or b"").hex())
    store.limit(1_000_000)
    assert store.receive("s001", batch(reader, 500, 2_000), 1).cursor == 2_500


def test_what_cannot_be_read_is_acknowledged_and_set_aside_afterwards(
    store: SqliteStore, journal: JournalFile, reader: JournalReader
) -> None:
    journal.append(
        1,
        registered("0199-aa", touchpoint="cart-07", language="en"),
        b'{"type":"member.registered.v1","member":7}',
        b'{"type":"never.heard.v9","x":1}',
        b'{"type":"no version"}',
        b"\xff\xfe",
        b"x" * 100,
    )
    entries = reader.after(0, 10)
    assert store.receive("s001", pack(entries, GENESIS, parked={6}), 1).cursor == 6
    assert store.overview(10).registrations == []
    while store.shelve():
        pass
    found = store._write.execute("SELECT sequence, reason FROM quarantine ORDER BY 1").fetchall()
    assert [sequence for sequence, _ in found] == [2, 4, 5, 6]
    assert [reason for _, reason in found[1:]] == ["unknown type", "unreadable", "parked"]
    assert "Expected `str`, got `int`" in found[0][1]
    overview = store.overview(10)
    assert [(r.member, r.touchpoint, r.language, r.consents) for r in overview.registrations] == [
        ("0199-aa", "cart-07", "en", ["service"])
    ]
    assert overview.stores[0].quarantined == 4
    assert overview.stores[0].counts["never.heard.v9"] == 1


def test_what_one_store_calls_its_facts_fills_nobodys_page(
    store: SqliteStore, journal: JournalFile, reader: JournalReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A type of a million letters, and a million types, were on the page of everybody who looks after the chain."""
    monkeypatch.setattr(sqlite_store, "MAX_TYPES", 3)
    journal.append(
        1, *(b'{"type":"a.%b.v1"}' % (b"b" * size) for size in (1, 2, 3, 9_000, 9_001)), registered("m" * 9_000)
    )
    journal.append(1, b'{"type":"a.b.v1"}', registered("m", touchpoint="t" * 9_000))
    journal.append(1, b'{"type":"a.c.v1\\u0000%b"}' % (b"b" * 9_000))
    store.receive("s001", pack(reader.after(0, 10), GENESIS), 1)
    while store.shelve():
        pass
    seen = store.overview(10)
    assert sorted(map(len, seen.stores[0].counts)) == [0, 6, 20]
    assert (seen.registrations, seen.stores[0].quarantined) == ([], 5)


def test_nothing_happened_in_a_store_after_it_came_here(
    store: SqliteStore, journal: JournalFile, reader: JournalReader
) -> None:
    """Whoever registered by a clock that ran ahead stood above all others for as long."""
    journal.append(1, registered("ahead"))
    now_ms = reader.after(0, 1)[0].wall_ms - 30 * 3600_000
    store.receive("s001", pack(reader.after(0, 10), GENESIS), now_ms)
    store.shelve()
    assert [each.at_ms for each in store.overview(10).registrations] == [now_ms]


def test_whoever_was_erased_in_the_store_is_on_no_list_here(
    store: SqliteStore, journal: JournalFile, reader: JournalReader
) -> None:
    journal.append(
        1,
        *(registered(each) for each in ("a", "b")),
        b'{"type":"member.erased.v1","member":"a","by":"member","request":"r"}',
        b'{"type":"member.erased.v1","member":7}',
    )
    store.receive("s001", pack(reader.after(0, 10), GENESIS), 1)
    while store.shelve():
        pass
    overview = store.overview(10)
    assert [each.member for each in overview.registrations] == ["b"]
    assert overview.stores[0].counts["member.registered.v1"] == 2
    assert overview.stores[0].quarantined == 1


def test_an_erasure_costs_the_same_however_many_have_registered(
    store: SqliteStore, journal: JournalFile, reader: JournalReader
) -> None:
    """Each one was looked for among all registrations of all stores, and no store was received from meanwhile."""

    def steps(number: int) -> int:
        journal.append(1, b'{"type":"member.erased.v1","member":"m%d","by":"member","request":"r"}' % number)
        store.receive("s001", batch(reader, number, 1), 1)
        count = 0

        def one_more() -> None:
            nonlocal count
            count += 1

        store._write.set_progress_handler(one_more, 10)
        store.shelve()
        store._write.set_progress_handler(None, 0)
        return count

    def register(numbers: range) -> None:
        rows = [(n, 1, n, "s001", f"m{n}", "", "", "") for n in numbers]
        with store._transaction():
            store._write.executemany("INSERT INTO registrations VALUES (?,?,?,?,?,?,?,?)", rows)

    register(range(10))
    before = steps(0)
    register(range(10, 3000))
    assert steps(1) < 2 * before
    assert len(store.overview(10_000).registrations) == 2998


def test_sorting_again_after_a_restart_counts_nothing_twice(
    store: SqliteStore, journal: JournalFile, reader: JournalReader, tmp_path: Path
) -> None:
    journal.append(50)
    store.receive("s001", batch(reader, 0, 30), 1)
    while store.shelve():
        pass
    store.receive("s001", batch(reader, 0, 50), 1)
    again = SqliteStore(tmp_path / "cloud.db")
    while again.shelve():
        pass
    assert sum(again.overview(1).stores[0].counts.values()) == 50
    again.close()
