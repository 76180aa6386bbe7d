"""Facts that leave the journal: the chain, the tables, the cloud and other builds stand as before."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from edge.errors import JournalError, JournalTooNew
from edge.journal import Entry, Fact, Projection, Projections, Rows, schema
from edge.journal.entry import is_withheld, tag
from edge.journal.facts import JournalPruned
from edge.journal.journal import Journal
from edge.journal.pruning import finish_pruning, prune, withhold
from edge.journal.queries import entries_about
from edge.journal.reader import JournalReader
from edge.journal.schema import open_writer
from edge.journal.tables import rebuild
from edge.journal.verify import verify
from sync.wire import Batch, pack, unpack
from tests.journal.coins import COINS, CoinDropped, drop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

Tables = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = Journal(tmp_path / "j.db", [COINS])
    await fill(opened, 3000)
    yield opened
    opened.close()


async def fill(journal: Journal, count: int) -> None:
    await asyncio.gather(*(journal.write(drop, f"box-{n % 300}", 1) for n in range(count)))


def boxes(path: Path) -> Tables:
    connection = sqlite3.connect(path)
    found = {"boxes": connection.execute("SELECT rowid, * FROM boxes ORDER BY rowid").fetchall()}
    connection.close()
    return found


def again(path: Path, *nouns: Projection) -> int:
    connection = open_writer(str(path))
    count = rebuild(connection, Projections(nouns or [COINS]))
    connection.close()
    return count


async def test_what_leaves_is_gone_and_the_rest_stands(journal: Journal) -> None:
    before, path = boxes(journal.path), journal.path
    was = JournalReader(path)
    kept, hash_before = was.after(2000, 5000), was.hash_at(2000)
    size = sqlite3.connect(path).execute("PRAGMA freelist_count").fetchone()[0]
    fact = await prune(journal, 2001, 2000, "cloud")
    assert (fact.first, fact.base, fact.facts) == (2001, 2000, 2000)
    assert [entry.sequence for entry in was.after(0, 5000)] == list(range(2001, 3002))
    assert was.after(2000, 1000) == kept
    assert (was.hash_at(2000), was.hash_at(1999), was.hash_at(0)) == (hash_before, None, None)
    assert sqlite3.connect(path).execute("PRAGMA freelist_count").fetchone()[0] > size + 50, "its pages are free"
    await journal.write(drop, "box-1", 1)
    was.close()
    journal.close()
    found = verify(path, Projections([COINS]))
    assert (found.faults, found.first, found.entries) == ((), 2001, 3002)
    assert "proven from entry 2001" in found.notes[0]
    assert again(path) == 1002, "of the facts, only those that are here"
    after = boxes(path)
    before["boxes"][1] = (*before["boxes"][1][:2], before["boxes"][1][2] + 1, before["boxes"][1][3] + 1, 1.0)
    assert after == before
    assert verify(path, Projections([COINS])).faults == ()


async def test_it_is_done_again_and_again(journal: Journal) -> None:
    for first in (501, 1001, 1501):
        await prune(journal, first, first - 1, "cloud")
        await fill(journal, 500)
    path, before = journal.path, boxes(journal.path)
    journal.close()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT DISTINCT base FROM snapshots").fetchall() == [(1500,)]
    assert connection.execute("SELECT min(sequence) FROM entries").fetchone() == (1501,)
    connection.close()
    assert verify(path, Projections([COINS])).faults == ()
    again(path)
    assert boxes(path) == before


async def test_a_crash_between_the_fact_and_its_end_is_settled(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(_: Journal) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("edge.journal.pruning.finish_pruning", crash)
    with pytest.raises(KeyboardInterrupt):
        await prune(journal, 2001, 2000, "cloud")
    monkeypatch.undo()
    path = journal.path
    assert verify(path, Projections([COINS])).faults == ()
    journal.close()
    opened = Journal(path, [COINS])
    assert await finish_pruning(opened) == 2000
    assert await finish_pruning(opened) == 0
    opened.close()
    assert verify(path, Projections([COINS])).faults == ()


async def test_a_crash_before_the_fact_changes_nothing(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise OSError("the power went")

    monkeypatch.setattr("edge.journal.transaction.Tx.prune", crash)
    with pytest.raises(OSError, match="power"):
        await prune(journal, 2001, 2000, "cloud")
    monkeypatch.undo()
    path = journal.path
    journal.close()
    assert verify(path, Projections([COINS])).first == 1
    opened = Journal(path, [COINS])
    assert await finish_pruning(opened) == 0
    assert opened.reads.all("SELECT * FROM snapshots") == []
    assert not list(path.parent.glob("*.base"))
    opened.close()
    assert again(path) == 3000


async def test_a_journal_that_closes_meanwhile_waits_for_nobody(journal: Journal) -> None:
    asked = asyncio.ensure_future(prune(journal, 2001, 2000, "cloud"))
    await asyncio.sleep(0.01)
    journal.close()
    assert (await asyncio.gather(asked, return_exceptions=True))[0] is not None
    assert verify(journal.path, Projections([COINS])).faults == ()


@pytest.mark.parametrize(("first", "base"), [(3002, 3001), (10, 8), (1, 5000), (0, 0)])
async def test_a_place_that_is_none_is_refused_with_a_sentence(journal: Journal, first: int, base: int) -> None:
    with pytest.raises(JournalError, match="cannot be kept from"):
        await prune(journal, first, base, "cloud")
    await prune(journal, 1001, 1000, "cloud")
    with pytest.raises(JournalError, match="cannot be kept from"):
        await prune(journal, 501, 500, "cloud")


TAMPERING = {
    "snapshot": ("UPDATE snapshots SET body=(SELECT body FROM snapshots WHERE part=0) WHERE part=1", "not the one"),
    "part gone": ("DELETE FROM snapshots WHERE part=1", "not the one"),
    "horizon": ("UPDATE horizon SET first=2501, hash=(SELECT hash FROM entries WHERE sequence=2500)", "binds entry"),
    "digest": ("UPDATE horizon SET digest=x'00'", "not the one"),
    "row": ("UPDATE boxes SET total=total+1 WHERE box='box-7'", "table boxes"),
    "fact": ("DELETE FROM horizon", "expected sequence 1"),
}


@pytest.mark.parametrize("how", TAMPERING)
async def test_verify_names_what_was_tampered_with(journal: Journal, how: str) -> None:
    await prune(journal, 2001, 2000, "cloud")
    path = journal.path
    journal.close()
    statement, said = TAMPERING[how]
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert said in " ".join(verify(path, Projections([COINS])).faults)


async def test_entries_that_are_kept_cannot_be_deleted(journal: Journal) -> None:
    await prune(journal, 2001, 2000, "cloud")
    connection = sqlite3.connect(journal.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM entries WHERE sequence=2001")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("UPDATE entries SET body=x'00' WHERE sequence=2001")
    connection.close()


async def test_a_build_from_before_pruning_refuses_with_a_sentence(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = journal.path
    assert journal.reads.one("PRAGMA user_version")[0] == 1, "until something has left, earlier builds open it"  # type: ignore[index]
    await prune(journal, 2001, 2000, "cloud")
    journal.close()
    monkeypatch.setattr(schema, "FORM", 1)
    with pytest.raises(JournalTooNew, match="a later version wrote it"):
        Journal(path, [COINS])


class Opened(Fact, frozen=True, tag="chest.opened.v1"):
    """What a later build knows."""

    member: str


def _opened(rows: Rows, _: Entry, fact: Opened) -> None:
    rows.run("INSERT INTO chests VALUES (?, 0)", (fact.member,))


LATER = Projection("chests", "CREATE TABLE chests (member TEXT, shut INTEGER NOT NULL) STRICT;", {Opened: _opened})


async def test_what_the_later_build_let_go_is_held_by_the_earlier(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    Journal(path, [COINS]).close()
    journal = Journal(path, [COINS, LATER])
    await journal.write(lambda tx: tx.emit(Opened(member="member-7")))
    await fill(journal, 600)
    await prune(journal, 501, 500, "cloud")
    journal.close()

    journal = Journal(path, [COINS])  # rolled back
    assert [tuple(row) for row in journal.reads.all("SELECT kind, subject FROM held_subjects")] == [
        ("member", "member-7")
    ]
    assert [tuple(row) for row in journal.reads.all("SELECT type, count FROM unknown_facts")] == [
        ("chest.opened.v1", 1)
    ]
    await prune(journal, 551, 550, "cloud")
    journal.close()
    assert verify(path, Projections([COINS])).faults == ()

    journal = Journal(path, [COINS, LATER])  # and on again
    assert not journal.reads.all("SELECT * FROM held_subjects")
    assert [tuple(row) for row in journal.reads.all("SELECT * FROM chests")] == [("member-7", 0)]
    journal.close()
    assert verify(path, Projections([COINS, LATER])).faults == ()


async def test_what_a_build_does_not_know_goes_along_for_one_that_does(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = Journal(path, [COINS, LATER])
    await journal.write(lambda tx: tx.emit(Opened(member="member-7")))
    await fill(journal, 600)
    journal.close()
    journal = Journal(path, [COINS])
    for first in (501, 551):
        await prune(journal, first, first - 1, "cloud")
        assert len(journal.reads.all("SELECT * FROM held_subjects")) == 1
    journal.close()
    assert verify(path, Projections([COINS])).faults == ()
    journal = Journal(path, [COINS, LATER])
    assert [tuple(row) for row in journal.reads.all("SELECT * FROM chests")] == [("member-7", 0)]
    assert not journal.reads.all("SELECT * FROM held_subjects")
    journal.close()
    assert verify(path, Projections([COINS, LATER])).faults == ()


async def test_other_tables_are_made_of_the_snapshot(journal: Journal) -> None:
    await prune(journal, 2001, 2000, "cloud")
    path, before = journal.path, boxes(journal.path)["boxes"]
    journal.close()

    def dropped(rows: Rows, _: Entry, fact: CoinDropped) -> None:
        rows.run(
            "INSERT INTO boxes VALUES (?1, 1, ?2, 'new') ON CONFLICT (box) DO UPDATE SET total=total+?2, coins=coins+1",
            (fact.box, fact.value),
        )

    wider = "CREATE TABLE boxes (box TEXT PRIMARY KEY, coins INTEGER, total INTEGER, kind TEXT{}) STRICT;"
    empty = Projection("coins", wider.format(""), {CoinDropped: dropped})
    opened = Journal(path, [empty])
    rows = [tuple(row) for row in opened.reads.all("SELECT box, total, coins, kind FROM boxes ORDER BY rowid")]
    assert rows == [(box, total, coins, None) for _, box, total, coins, _ in before]
    opened.close()

    strict = Projection("coins", wider.format(" NOT NULL"), {CoinDropped: dropped})
    with pytest.raises(JournalError, match="cannot be made of that"):
        Journal(path, [strict])
    carried = Projection(
        "coins",
        wider.format(" NOT NULL"),
        {CoinDropped: dropped},
        carry={"boxes": lambda row: {name: row[name] for name in ("box", "coins", "total")} | {"kind": "old"}},
    )
    opened = Journal(path, [carried])
    assert {row["kind"] for row in opened.reads.all("SELECT kind FROM boxes")} == {"old"}
    assert opened.reads.one("SELECT sum(total) AS n FROM boxes")["n"] == 3000  # type: ignore[index]
    opened.close()
    assert verify(path, Projections([carried])).faults == ()


async def test_changed_rules_go_on_from_the_snapshot(journal: Journal) -> None:
    await prune(journal, 2001, 2000, "cloud")
    path = journal.path
    journal.close()

    def doubled(rows: Rows, entry: Entry, fact: CoinDropped) -> None:
        COINS.facts[CoinDropped](rows, entry, msgspec.structs.replace(fact, value=fact.value * 2))

    twice = Projection("coins", COINS.schema, {CoinDropped: doubled}, rules=2)
    opened = Journal(path, [twice])
    await asyncio.wait_for(opened.swapped, 60)
    assert opened.reads.one("SELECT sum(total) AS n FROM boxes")["n"] == 2000 + 2 * 1000  # type: ignore[index]
    opened.close()
    assert verify(path, Projections([twice])).faults == ()


async def test_what_is_over_ends_in_the_tables_as_well(tmp_path: Path) -> None:
    ending = Projection("coins", COINS.schema, COINS.facts, ends=("DELETE FROM boxes WHERE total=1 AND ?1 > 0",))
    path = tmp_path / "j.db"
    journal = Journal(path, [ending])
    await fill(journal, 300)
    await journal.write(drop, "box-1", 1)
    await prune(journal, 201, 200, "cloud")
    assert [row["box"] for row in journal.reads.all("SELECT box FROM boxes")] == ["box-1"]
    await prune(journal, 301, 300, "cloud")
    journal.close()
    before = boxes(path)
    assert verify(path, Projections([ending])).faults == ()
    again(path, ending)
    assert boxes(path) == before


class Noise(Fact, frozen=True, tag="noise.heard.v1"):
    text: str


NOISE = Projection("noise", "", {Noise: lambda *_: None}, observations=frozenset({Noise}))


async def test_what_only_told_how_things_went_is_let_go_in_place(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal = Journal(path, [COINS, NOISE])
    for _ in range(10):
        await fill(journal, 100)
        await asyncio.gather(*(journal.write(lambda tx: tx.emit(Noise(text="x" * 500))) for _ in range(100)))
    reader = JournalReader(path)
    before = reader.after(0, 5000)
    with pytest.raises(JournalError, match="not in the snapshot"):
        await withhold(journal, 1, 1500)
    await prune(journal, 1, 1500, "disk")
    free = journal.reads.one("PRAGMA freelist_count")[0]  # type: ignore[index]
    assert await withhold(journal, 1, 1500) == 700
    assert await withhold(journal, 1, 1500) == 0
    assert journal.reads.one("PRAGMA freelist_count")[0] > free + 50  # type: ignore[index]
    after = reader.after(0, 5000)
    assert [entry.sequence for entry in after[:2000]] == list(range(1, 2001))
    assert [b.hash for b in before] == [a.hash for a in after[:2000]]
    gone = [a.sequence for a in after if is_withheld(a.body)]
    assert len(gone) == 700
    assert {b.type for b in before if b.sequence in gone} == {"noise.heard.v1"}
    row = journal.reads.one("SELECT * FROM losses")
    assert row is not None
    assert (row["type"], row["why"], row["count"]) == ("noise.heard.v1", "let_go", 700)
    assert row["first_ms"] == next(b.wall_ms for b in before if b.sequence in gone)
    batch = pack(after, bytes(16))
    sent = Batch.parse(batch.stream.hex(), {k.lower(): v for k, v in batch.headers().items()}, batch.content)
    assert [found.sequence for found in unpack(sent).parked] == gone, "the cloud follows the chain past them"
    reader.close()
    # One body that was let go, and nobody was told any more what is known of them.
    assert {entry.type for entry in entries_about(journal.reads, ["box-1"])} == {"coin.dropped.v1"}
    journal.close()
    found = verify(path, Projections([COINS, NOISE]))
    assert found.faults == ()
    assert "700 facts" in " ".join(found.notes)
    again(path, COINS, NOISE)
    assert verify(path, Projections([COINS, NOISE])).faults == ()


async def test_a_fact_about_the_horizon_that_was_changed_is_named(tmp_path: Path) -> None:
    """Whoever verified it saw a traceback."""
    path = tmp_path / "j.db"
    journal = Journal(path, [COINS])
    await fill(journal, 100)
    await prune(journal, 51, 60, "cloud")
    journal.close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER entries_stay_unchanged")
    kind = tag(JournalPruned)
    for body in (b"{", b'{"type":"journal.pruned.v1"}', b"[" * 100_000):
        assert connection.execute("UPDATE entries SET body=? WHERE type=?", (body, kind)).rowcount == 1
        faults = verify(path, Projections([COINS])).faults
        assert any("hash" in fault for fault in faults)
    connection.close()
