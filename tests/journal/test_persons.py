"""What opens and what finds a person lies beside the journal, and can be destroyed there to the last byte."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from edge.domain.nouns import NOUNS
from edge.domain.store.facts import ZoneDefined
from edge.journal import Tx
from edge.journal.journal import Journal
from edge.journal.offline import destroy_persons

INDEX, KEY = "an-index-of-22-letters", b"a wrapped key of forty bytes 67890123456"


def arrive(tx: Tx, member: str) -> None:
    tx.keep_key(member, KEY)
    tx.keep_number(member, INDEX)
    tx.emit(ZoneDefined(zone=member, name={}, plan=(0.0, 0.0, 1.0, 1.0)))


def leave(tx: Tx, member: str) -> None:
    tx.destroy_person(member)
    tx.emit(ZoneDefined(zone="gone", name={}, plan=(0.0, 0.0, 1.0, 1.0)))


def held(folder: Path, canary: bytes) -> list[str]:
    return [path.name for path in sorted(folder.iterdir()) if canary in path.read_bytes()]


async def test_nothing_of_a_destroyed_person_is_left_in_any_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    await journal.write(arrive, "m1")
    assert held(tmp_path, KEY)
    assert held(tmp_path, INDEX.encode())
    await journal.write(leave, "m1")
    # Nobody reads at this moment: when the decision is durable, its trace is gone from the log too.
    assert (tmp_path / "storekeeper.db-wal").stat().st_size == 0
    assert held(tmp_path, KEY) == []
    journal.close()
    assert held(tmp_path, KEY) == []
    assert held(tmp_path, INDEX.encode()) == []


@pytest.mark.parametrize("offline", [False, True], ids=["the store is open", "a copy is restored"])
async def test_what_is_kept_under_a_person_s_name_goes_with_them(tmp_path: Path, offline: bool) -> None:
    def keep(tx: Tx) -> None:
        for subject in ("m1", "m1/birthday", "m1/wechat", "m10", "m1-", "m10/birthday"):
            tx.keep_card(subject, "05-17")
        tx.emit(ZoneDefined(zone="any", name={}, plan=(0.0, 0.0, 1.0, 1.0)))

    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    await journal.write(keep)
    if offline:
        with closing(sqlite3.connect(journal.path, isolation_level=None)) as copy:
            destroy_persons(copy, ["m1"])
    else:
        await journal.write(leave, "m1")
    rows = journal.reads.all("SELECT subject FROM person_cards ORDER BY subject")
    assert [row["subject"] for row in rows] == ["m1-", "m10", "m10/birthday"]
    journal.close()


async def test_a_reader_puts_it_off_and_the_next_commit_makes_up_for_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    await journal.write(arrive, "m1")
    with closing(sqlite3.connect(tmp_path / "storekeeper.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchone()
        await journal.write(leave, "m1")
        assert held(tmp_path, KEY)
        reader.execute("COMMIT")
    await journal.write(Tx.beat)
    assert held(tmp_path, KEY) == []
    journal.close()


async def test_a_decision_that_fails_keeps_and_destroys_nothing(tmp_path: Path) -> None:
    def fail(tx: Tx) -> None:
        arrive(tx, "m2")
        tx.destroy_person("m1")
        raise LookupError

    journal = Journal(tmp_path / "storekeeper.db", NOUNS)
    await journal.write(arrive, "m1")
    with suppress(LookupError):
        await journal.write(fail)
    assert [row["subject"] for row in journal.reads.all("SELECT subject FROM person_numbers")] == ["m1"]
    journal.close()


async def test_a_journal_from_before_gets_its_numbers_from_its_facts(tmp_path: Path) -> None:
    path = tmp_path / "storekeeper.db"
    Journal(path, NOUNS).close()
    body = b'{"type":"member.registered.v1","member":"m1","phone_index":"index-1","phone_sealed":"s","language":"en"}'
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("DROP TABLE person_numbers")
        old.execute("DELETE FROM _sqlite_migrations WHERE name='person_numbers'")
        old.execute("INSERT INTO entries VALUES (1,x'',x'','member.registered.v1',0,0,x'',?,x'')", (body,))
    journal = Journal(path, NOUNS)
    assert [tuple(row) for row in journal.reads.all("SELECT * FROM person_numbers")] == [("m1", "index-1")]
    journal.close()
