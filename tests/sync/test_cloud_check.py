"""`journal verify` asks what the cloud was sent: a chain that was made anew is whole, and another one."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from edge.journal import entry_hash
from edge.journal.entry import GENESIS
from edge.journal.reader import JournalReader
from edge.journal.sync_status import SyncStatus
from sync.client import CloudUnreachable
from sync.cloud.sqlite_store import SqliteStore
from sync.cloud_check import ask
from sync.status import Status
from sync.wire import Ack, Batch, Hello, HelloReply, pack
from tests.sync.journals import JournalFile

if TYPE_CHECKING:
    from collections.abc import Iterator


class Near:
    """The receiver's own store, without the wire."""

    def __init__(self, path: Path) -> None:
        self.store = SqliteStore(path)
        self.away = False
        self.time_told = None

    def hello(self, message: Hello) -> HelloReply:
        if self.away:
            raise CloudUnreachable("no internet")
        return self.store.hello("s001", message, 1)

    def send(self, batch: Batch) -> Ack:
        return self.store.receive("s001", batch, 1)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Near]:
    made = Near(tmp_path / "cloud.db")
    yield made
    made.store.close()


@pytest.fixture
def status(tmp_path: Path) -> Path:
    return tmp_path / "sync.json"


def sent(journal: JournalFile, cloud: Near, status: Path, count: int) -> None:
    reader = JournalReader(journal.path)
    ack = cloud.send(pack(reader.after(0, count), GENESIS))
    reader.close()
    told = Status(status)
    told.tell("ok", acked=ack.cursor, acked_hash=ack.hash)
    told.flush()


def forge_all(journal: JournalFile, changed: int, name: bytes | None = None) -> None:
    """Somebody with the file changes a fact and makes the whole chain anew, under another name if there is one."""
    connection = sqlite3.connect(journal.path)
    connection.execute("DROP TRIGGER entries_stay_unchanged")
    previous = GENESIS
    for row in connection.execute("SELECT * FROM entries ORDER BY sequence").fetchall():
        sequence, stream, identity, _, wall, mono, boot, body, _ = row
        if sequence == changed:
            body = b'{"type":"cart.unlocked.v1","cart":"another"}'
        stream = name or stream
        previous = entry_hash(previous, stream, sequence, identity, wall, mono, boot, body)
        connection.execute(
            "UPDATE entries SET stream=?, body=?, hash=? WHERE sequence=?", (stream, body, previous, sequence)
        )
    connection.execute("UPDATE streams SET stream=coalesce(?, stream)", (name,))
    connection.commit()
    connection.close()


def test_what_the_cloud_has_is_named(journal: JournalFile, cloud: Near, status: Path) -> None:
    journal.append(30)
    sent(journal, cloud, status, 20)
    said = ask(journal.path, status, cloud)
    assert (said.asked, said.agrees, said.entries) == ("cloud", True, 20)
    assert "of the newest 10 it can say nothing" in said.sentence


@pytest.mark.parametrize("changed", [1, 7, 20])
def test_a_chain_made_anew_is_another_one(journal: JournalFile, cloud: Near, status: Path, changed: int) -> None:
    journal.append(30)
    sent(journal, cloud, status, 20)
    forge_all(journal, changed)
    said = ask(journal.path, status, cloud)
    assert (said.asked, said.agrees) == ("cloud", False)
    assert "other facts" in said.sentence


@pytest.mark.parametrize("facts", [0, 20])
def test_a_journal_of_another_name_is_not_the_one_that_was_sent(
    journal: JournalFile, cloud: Near, status: Path, facts: int
) -> None:
    """Whoever forged the name too, and took away what the box remembers, heard of nothing amiss."""
    journal.append(30)
    if facts:
        sent(journal, cloud, status, facts)
        status.unlink()
    forge_all(journal, 7, b"another" * 2 + b"00")
    said = ask(journal.path, status, cloud, lambda: cloud.store.streams("s001"))
    assert (said.asked, said.agrees, f"{facts} facts" in said.sentence) == ("cloud", not facts, bool(facts))


def test_what_was_not_sent_is_not_vouched_for(journal: JournalFile, cloud: Near, status: Path) -> None:
    journal.append(30)
    sent(journal, cloud, status, 20)
    forge_all(journal, 25)
    said = ask(journal.path, status, cloud)
    assert (said.agrees, said.entries) == (True, 20)


def test_a_cloud_that_is_away_leaves_what_this_box_remembers(journal: JournalFile, cloud: Near, status: Path) -> None:
    journal.append(30)
    sent(journal, cloud, status, 20)
    cloud.away = True
    said = ask(journal.path, status, cloud)
    assert (said.asked, said.agrees, said.entries) == ("memory", True, 20)
    assert "no internet" in said.sentence
    forge_all(journal, 7)
    assert not ask(journal.path, status, cloud).agrees


def test_a_cloud_that_has_lost_what_it_acknowledged(journal: JournalFile, cloud: Near, status: Path) -> None:
    journal.append(30)
    report = SyncStatus(acked=20, acked_hash="00" * 16)
    status.write_bytes(msgspec.json.encode(report))
    said = ask(journal.path, status, cloud)
    assert (said.asked, said.agrees) == ("cloud", False)


@pytest.mark.parametrize(
    "content", [None, b"", b"[" * 5000, b'{"acked":99999999999999999999,"acked_hash":"00"}', b"\xff"]
)
def test_without_memory_and_cloud_it_says_so(
    journal: JournalFile, cloud: Near, status: Path, content: bytes | None
) -> None:
    journal.append(5)
    cloud.away = True
    if content is not None:
        status.write_bytes(content)
    said = ask(journal.path, status, cloud)
    assert (said.asked, said.agrees) == ("nobody", True)
    assert "was not asked" in said.sentence
