"""A real journal of an earlier build (a demo at commit 602360c) opens, and no fact is rewritten."""

from __future__ import annotations

import lzma
import sqlite3
from pathlib import Path

import pytest

from edge.domain.carts import queries as cart_queries
from edge.domain.lockers import serving as locker_serving
from edge.domain.nouns import NOUNS
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.reader import JournalReader
from edge.journal.schema import open_writer
from edge.journal.tables import rebuild
from edge.journal.verify import verify

DATA = Path(__file__).resolve().parents[1] / "data"
Row = tuple[object, ...]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "storekeeper.db"
    path.write_bytes(lzma.decompress((DATA / "journal-of-602360c.db.xz").read_bytes()))
    return path


def entries(path: Path) -> list[Row]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT * FROM entries ORDER BY sequence").fetchall()
    connection.close()
    return found


async def test_it_opens_serves_verifies_and_rebuilds(old: Path) -> None:
    before = entries(old)
    assert len(before) == 872
    journal = Journal(old, NOUNS)
    assert journal.rebuilt == 872
    assert not journal.reads.all("SELECT * FROM unknown_facts")
    assert len(journal.reads.all("SELECT * FROM members")) == 26
    assert len(journal.reads.all("SELECT * FROM person_numbers")) == 26
    assert sum(spot.free for spot in locker_serving.spots(journal.reads, 0).values()) > 0
    assert len(cart_queries.spots(journal.reads)) == 12
    await journal.write(lambda tx: [tx.all(f'SELECT * FROM "{name}"') for name in tables(journal)])
    journal.close()
    assert verify(old, Projections(NOUNS)).faults == ()
    connection = open_writer(str(old))
    assert rebuild(connection, Projections(NOUNS)) == 872
    connection.close()
    assert verify(old, Projections(NOUNS)).faults == ()
    assert entries(old)[:872] == before


def tables(journal: Journal) -> list[str]:
    return [row["name"] for row in journal.reads.all("SELECT name FROM sqlite_master WHERE type='table'")]


def test_it_is_verified_before_this_build_has_opened_it(old: Path) -> None:
    before = old.read_bytes()
    verdict = verify(old, Projections(NOUNS))
    assert (verdict.entries, verdict.faults) == (872, ())
    assert "anew when it next starts" in " ".join(verdict.notes)
    assert old.read_bytes() == before


def test_the_uplink_goes_on_where_it_was(old: Path) -> None:
    reader = JournalReader(old)
    assert [entry.sequence for entry in reader.after(870, 10)] == [871, 872]
    reader.close()
