"""The journal on real files: durable, in order, together, and never half."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from edge.errors import JournalClosed, JournalError, JournalFull, Refusal
from edge.journal import GENESIS, Entry, Projection, Projections, Rows, Tx, entry_hash, writer
from edge.journal.entry import Ids
from edge.journal.journal import Journal
from edge.journal.reader import JournalReader
from edge.journal.verify import verify
from edge.journal.writer import CARRIED_FACTS
from tests.journal.coins import COINS, CoinDropped, drop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def in_the_file_alone(path: Path) -> int:
    """How many entries the file holds without its log."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as alone:
            count: int = alone.execute("SELECT count(*) FROM entries").fetchone()[0]
            return count
    except sqlite3.DatabaseError:  # it is being carried, or holds no tables yet
        return 0


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = Journal(tmp_path / "j.db", [COINS])
    yield opened
    opened.close()


async def test_a_write_returns_when_it_is_on_the_disk(journal: Journal) -> None:
    assert await journal.write(drop, "a", 5) == 0
    assert await journal.write(drop, "a", 7) == 5
    # Another connection sees it: it is committed, not only pending.
    assert sqlite3.connect(journal.path).execute("SELECT total, coins FROM boxes").fetchall() == [(12, 2)]


async def test_entries_are_numbered_without_gaps_and_chained(journal: Journal) -> None:
    await asyncio.gather(*(journal.write(drop, f"box-{i % 7}", 1) for i in range(300)))
    entries = journal.after(0, 1000)
    assert [entry.sequence for entry in entries] == list(range(1, 301))
    previous = GENESIS
    for e in entries:
        assert e.hash == entry_hash(previous, e.stream, e.sequence, e.id, e.wall_ms, e.mono_ms, e.boot, e.body)
        previous = e.hash
    assert entries == sorted(entries, key=lambda entry: entry.id), "the ids rise with the sequence"
    assert len({entry.id for entry in entries}) == 300
    assert journal.after(298, 10) == entries[298:]


async def test_questions_together_see_one_moment(journal: Journal) -> None:
    def total() -> int | None:
        row = journal.reads.one("SELECT total FROM boxes WHERE box='a'")
        return row["total"] if row else None

    await journal.write(drop, "a", 5)
    with journal.reads.consistent_read():
        with journal.reads.consistent_read():
            assert total() == 5
        await journal.write(drop, "a", 7)
        assert total() == 5, "no commit comes between them"
    assert total() == 12
    with pytest.raises(sqlite3.OperationalError), journal.reads.consistent_read():
        journal.reads.one("SELECT nonsense FROM boxes")
    await journal.write(drop, "a", 1)
    assert total() == 13, "what goes wrong within ends it"


async def test_a_refusal_leaves_nothing_and_disturbs_nobody(journal: Journal) -> None:
    results = await asyncio.gather(
        *(journal.write(drop, "a", value) for value in (1, -1, 2, 0, 3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [int, Refusal, int, Refusal, int]
    assert journal.sequence == 3
    assert journal.reads.one("SELECT total FROM boxes WHERE box='a'")["total"] == 6


async def test_a_refusal_after_emitting_takes_the_facts_back(journal: Journal) -> None:
    def change_of_mind(tx: Tx) -> None:
        tx.emit(CoinDropped(box="a", value=5))
        raise tx.refuse("bad_request")

    with pytest.raises(Refusal):
        await journal.write(change_of_mind)
    assert journal.sequence == 0


async def test_a_fact_that_its_table_will_not_take_fails_alone(journal: Journal) -> None:
    results = await asyncio.gather(*(journal.write(drop, "a", value) for value in (1, 5000, 2)), return_exceptions=True)
    assert [type(result) for result in results] == [int, sqlite3.IntegrityError, int]
    assert journal.sequence == 2
    assert not verify(journal.path, Projections([COINS])).faults


async def test_a_bug_in_a_decision_reaches_its_caller_and_the_thread_goes_on(journal: Journal) -> None:
    with pytest.raises(ZeroDivisionError):
        await journal.write(lambda _: 1 / 0)
    assert await journal.write(drop, "a", 1) == 0


async def test_update_and_delete_are_refused_by_the_database_itself(journal: Journal) -> None:
    await journal.write(drop, "a", 1)
    other = sqlite3.connect(journal.path)
    for statement in ("UPDATE entries SET body=x'00'", "DELETE FROM entries"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            other.execute(statement)


async def test_reopening_goes_on_where_it_stopped(tmp_path: Path) -> None:
    for round_ in range(3):
        journal = Journal(tmp_path / "j.db", [COINS])
        assert journal.sequence == round_
        await journal.write(drop, "a", 1)
        journal.close()
    assert verify(tmp_path / "j.db", Projections([COINS])) == verify(tmp_path / "j.db", Projections([COINS]))
    assert verify(tmp_path / "j.db", Projections([COINS])).entries == 3


async def test_two_processes_cannot_write_one_journal(journal: Journal) -> None:
    with pytest.raises(JournalError, match="another process"):
        Journal(journal.path, [COINS])


async def test_a_full_disk_is_said_and_overcome(journal: Journal) -> None:
    await journal.write(drop, "a", 1)
    # A real SQLITE_FULL without a small disk: the database may not grow beyond its present size.
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages}")
    padding = [journal.write(drop, "a", 1, "x" * 4000) for _ in range(100)]
    assert JournalFull in {type(result) for result in await asyncio.gather(*padding, return_exceptions=True)}
    before = journal.sequence
    with pytest.raises(JournalFull):
        await journal.write(drop, "b", 1, "x" * 40_000)
    assert journal.sequence == before
    journal._connection.execute("PRAGMA max_page_count=1000000")
    await journal.write(drop, "b", 1, "x" * 40_000)
    assert journal.sequence == before + 1
    assert not verify(journal.path, Projections([COINS])).faults


async def test_what_waits_at_the_end_is_still_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", [COINS])
    writes = [journal.write(drop, "a", 1) for _ in range(50)]
    journal.close()
    await asyncio.gather(*writes)
    assert JournalReader(tmp_path / "j.db").last()[0] == 50
    with pytest.raises(JournalClosed):
        await journal.write(drop, "a", 1)


async def test_watchers_see_every_commit_before_its_writers_go_on(journal: Journal) -> None:
    seen: list[int] = []
    journal.watch(lambda placed: seen.extend(entry.sequence for entry, _ in placed))

    async def write() -> None:
        await journal.write(drop, "a", 1)
        assert seen, "the watcher came too late"

    await asyncio.gather(*(write() for _ in range(40)))
    assert seen == list(range(1, 41))


async def test_a_changed_schema_rebuilds_the_tables(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", [COINS])
    await asyncio.gather(*(journal.write(drop, f"box-{i % 3}", 1) for i in range(30)))
    journal.close()
    wider = Projection(
        "coins", COINS.schema.replace("weight REAL", "weight REAL, colour TEXT"), {CoinDropped: _with_colour}
    )
    journal = Journal(tmp_path / "j.db", [wider])
    assert journal.rebuilt == 30
    assert journal.reads.one("SELECT sum(total) AS total, max(colour) AS colour FROM boxes")["colour"] == "red"
    journal.close()


def _with_colour(rows: Rows, _: Entry, fact: CoinDropped) -> None:
    rows.run(
        """INSERT INTO boxes VALUES (?1, ?2, 1, 1.0, 'red')
           ON CONFLICT (box) DO UPDATE SET total=total+?2, coins=coins+1""",
        (fact.box, fact.value),
    )


async def test_verify_names_what_was_tampered_with(journal: Journal) -> None:
    await asyncio.gather(*(journal.write(drop, "a", 1) for _ in range(10)))
    nouns = Projections([COINS])
    assert verify(journal.path, nouns).faults == ()
    intruder = sqlite3.connect(journal.path)
    intruder.execute("UPDATE boxes SET total=999")
    intruder.commit()
    assert "table boxes" in verify(journal.path, nouns).faults[0]
    intruder.execute("UPDATE boxes SET total=10")
    intruder.execute("DROP TRIGGER entries_stay_unchanged")
    forged = b'{"type":"coin.dropped.v1","box":"a","value":1,"note":"x"}'
    intruder.execute("UPDATE entries SET body=? WHERE sequence=4", (forged,))
    intruder.commit()
    assert verify(journal.path, nouns).faults[0].startswith("entry 4 (coin.dropped.v1): hash")
    intruder.execute("DROP TRIGGER entries_stay")
    intruder.execute("DELETE FROM entries WHERE sequence=7")
    intruder.commit()
    assert any("entries are missing" in fault for fault in verify(journal.path, nouns).faults)


async def test_a_read_only_reader_follows_another_process(journal: Journal) -> None:
    reader = JournalReader(journal.path)
    assert reader.last() == (0, GENESIS)
    version = reader.version()
    await journal.write(drop, "a", 1)
    assert reader.version() != version
    sequence, digest = reader.last()
    assert sequence == 1
    assert reader.hash_at(1) == digest
    assert reader.hash_at(0) == GENESIS
    assert reader.hash_at(2) is None
    assert reader.after(0, 10)[0].stream == reader.stream()
    with pytest.raises(sqlite3.OperationalError):
        reader._connection.execute("CREATE TABLE x (y)")
    reader.close()


def test_ids_never_go_back_when_the_clock_does() -> None:
    ids = Ids()
    made = [ids.new(wall_ms) for wall_ms in (1000, 1000, 5000, 4000, 1, 5001)]
    assert made == sorted(made)
    assert all(identity[6] >> 4 == 7 and identity[8] >> 6 == 2 for identity in made), "version 7, RFC variant"


async def test_in_a_lull_the_log_is_carried_into_the_file_so_that_no_commit_has_to(journal: Journal) -> None:
    assert not in_the_file_alone(journal.path)
    await asyncio.gather(*(journal.write(drop, f"box-{i % 7}", 1) for i in range(CARRIED_FACTS)))
    async with asyncio.timeout(60):
        while in_the_file_alone(journal.path) < CARRIED_FACTS:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
    await journal.write(drop, "box-0", 1)
    assert verify(journal.path, Projections([COINS])).entries == CARRIED_FACTS + 1


async def test_who_closes_it_amid_its_work_hears_of_no_error(tmp_path: Path) -> None:
    errors: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    opened = Journal(tmp_path / "j.db", [COINS])
    writes = [opened.write(drop, f"box-{i % 7}", 1) for i in range(CARRIED_FACTS)]
    await asyncio.sleep(0)
    opened.close()
    await asyncio.gather(*writes)
    for _ in range(10):
        await asyncio.sleep(0)
    assert not errors


async def test_a_rush_is_not_stopped_to_carry_the_log(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LULL_S", 3600)
    for _ in range(8):
        await asyncio.gather(*(journal.write(drop, f"box-{i % 7}", 1, "x" * 4000) for i in range(500)))
    assert not in_the_file_alone(journal.path)


async def test_a_stopped_store_is_in_its_one_file_though_somebody_reads_it(tmp_path: Path) -> None:
    opened = Journal(tmp_path / "j.db", [COINS])
    sync = JournalReader(tmp_path / "j.db")
    await asyncio.gather(*(opened.write(drop, f"box-{i % 7}", 1) for i in range(300)))
    assert sync.last()[0] == 300
    opened.close()
    copy = tmp_path / "copy" / "j.db"
    copy.parent.mkdir()
    copy.write_bytes((tmp_path / "j.db").read_bytes())
    assert verify(copy, Projections([COINS])) == verify(tmp_path / "j.db", Projections([COINS]))
    assert verify(copy, Projections([COINS])).entries == 300
    sync.close()
