"""The chain of what lies in a journal's file: followed over all of it, over its end, and from where it begins."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from edge.journal.chain import Break, find_break, find_break_from, last
from edge.journal.journal import Journal
from edge.journal.offline import truncate_after
from edge.journal.pruning import prune
from edge.journal.schema import open_writer
from operations.backups.gather import prove
from tests.journal.coins import COINS, drop

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Of 201 entries the first hundred have left."""
    journal = Journal(tmp_path / "j.db", [COINS])
    await asyncio.gather(*(journal.write(drop, f"box-{n}", 1) for n in range(200)))
    await prune(journal, 101, 100, "cloud")
    journal.close()
    return journal.path


def spoil(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER entries_stay")
        connection.execute("DROP TRIGGER entries_stay_unchanged")
        assert connection.execute(statement).rowcount == 1


def test_it_holds_from_where_the_journal_is_kept(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert find_break(connection) is None
        assert find_break(connection, 20_000) is None, "more than there are"
        assert find_break(connection, 10) is None
        assert find_break_from(connection, 150) is None
    newest, _, _ = prove(path)
    assert newest is not None
    assert newest.sequence == 201, "a backup proves it as well"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM entries WHERE sequence=150", Break(150, missing=True)),
        ("DELETE FROM entries WHERE sequence=101", Break(101, missing=True)),
        ("UPDATE entries SET body=x'7b7d' WHERE sequence=150", Break(150, missing=False)),
        ("UPDATE entries SET boot=x'00' WHERE sequence=101", Break(101, missing=False)),
        ("UPDATE horizon SET hash=x'00'", Break(101, missing=False)),
    ],
)
def test_where_it_breaks_is_named(path: Path, statement: str, found: Break) -> None:
    spoil(path, statement)
    with closing(sqlite3.connect(path)) as connection:
        assert find_break(connection) == find_break(connection, 20_000) == found
        assert find_break(connection, 10) is None, "the end is whole"


def test_what_is_cut_off_is_handed_back_and_the_rest_stays_kept(path: Path) -> None:
    with closing(open_writer(str(path))) as connection:
        connection.execute("BEGIN IMMEDIATE")
        taken = truncate_after(connection, 190)
        connection.execute("COMMIT")
        assert (len(taken), last(connection)[0]) == (11, 190)
        assert find_break(connection) is None
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute("DELETE FROM entries WHERE sequence=190")
