"""A journal that goes on in a new stream: one chain, higher fences, and the tables of before."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from edge.domain.nouns import NOUNS
from edge.journal import Projections, Tx
from edge.journal.entry import Clock
from edge.journal.journal import Journal
from edge.journal.offline import open_stream
from edge.journal.reader import JournalReader
from edge.journal.schema import open_writer
from edge.journal.streams import MAX_GENERATION, fence_floor, next_generation
from edge.journal.verify import verify
from tests.sync.journals import JournalFile

if TYPE_CHECKING:
    from pathlib import Path


def opened(path: Path, generation: int) -> None:
    with closing(open_writer(str(path))) as connection:
        open_stream(connection, "restored", generation, Clock())


async def test_sequence_and_chain_go_on_and_fences_are_above_all_before(tmp_path: Path) -> None:
    path = tmp_path / "storekeeper.db"
    made = JournalFile(path)
    made.append(20)
    made.close()
    opened(path, 7)
    opened(path, 8)
    journal = Journal(path, NOUNS)
    try:
        assert journal.generation == 8
        floor = await journal.write(lambda tx: tx.fence_floor)
        await journal.write(lambda tx: tx.emit(journal.nouns.decode(b'{"type":"zone.removed.v1","zone":"z"}')))
        assert (journal.sequence, floor) == (23, fence_floor(8))
    finally:
        journal.close()
    with closing(JournalReader(path)) as reader:
        assert [(each.first, each.generation) for each in reader.streams()] == [(1, 0), (21, 7), (22, 8)]
        entries = reader.after(0, 100)
    assert [entry.stream for entry in entries[20:]] == [each.id for each in reader_streams(path)[1:]] + [
        reader_streams(path)[-1].id
    ]
    assert entries[20].type == "stream.opened.v1"
    assert [fault for fault in verify(path, Projections(NOUNS)).faults if "hash" in fault or "sequence" in fault] == []


def reader_streams(path: Path) -> list:
    with closing(JournalReader(path)) as reader:
        return reader.streams()


def test_every_generation_is_above_the_one_before_and_exact_in_a_double() -> None:
    seconds_of_2100 = 4_102_444_800
    assert fence_floor(1) > seconds_of_2100
    assert fence_floor(MAX_GENERATION) + seconds_of_2100 < 2**53
    assert float(fence_floor(MAX_GENERATION) + seconds_of_2100) == fence_floor(MAX_GENERATION) + seconds_of_2100


@pytest.mark.parametrize(
    ("known", "now_ms"), [((0,), 0), ((5, 9), 0), ((0,), 1_795_000_000_000), ((9_000,), 1_795_000_000_000)]
)
def test_the_next_generation_is_above_all_that_are_known(known: tuple[int, ...], now_ms: int) -> None:
    assert next_generation(*known, now_ms=now_ms) > max(known)


def test_two_boxes_restored_from_one_copy_an_hour_apart_are_two_generations() -> None:
    at = 1_795_000_000_000
    assert next_generation(0, now_ms=at + 3_600_000) > next_generation(0, now_ms=at)
    assert next_generation(3, now_ms=10**15) == 4, "a clock in the far future uses none up"


async def test_a_decision_without_a_restore_has_the_fences_of_before(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "storekeeper.db", NOUNS)

    def floor(tx: Tx) -> int:
        return tx.fence_floor

    assert await journal.write(floor) == 0
    journal.close()
