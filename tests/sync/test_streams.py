"""A journal that goes on in another stream reaches the cloud, is read back, and the previous box is fenced off."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from edge.journal.entry import GENESIS, Clock
from edge.journal.offline import open_stream
from edge.journal.reader import JournalReader
from edge.journal.schema import open_writer
from sync.archive import Archive
from sync.client import CloudUnreachable, CursorMismatch, HttpCloud
from sync.cloud import store as cloud_store
from sync.cloud.sqlite_store import SqliteStore
from sync.retry_pace import RetryPace
from sync.source import JournalSource
from sync.status import Status
from sync.uplink import Uplink
from sync.wire import Batch, Hello, Malformed, pack, unpack
from tests.sync.conftest import Receiver
from tests.sync.journals import JournalFile
from tests.sync.processes import TOKEN


class Line:
    """The cloud as a function call."""

    time_told = None

    def __init__(self, store: SqliteStore) -> None:
        self.store = store

    def hello(self, message: Hello) -> Any:
        return self.store.hello("s001", message, 1)

    def send(self, batch: Batch) -> Any:
        try:
            return self.store.receive("s001", batch, 1)
        except cloud_store.ChainConflict as error:
            raise CursorMismatch(error.code, str(error)) from None


def uplink(path: Path, store: SqliteStore) -> Uplink:
    status = Status(path.with_name("sync.json"))
    return Uplink(JournalSource(path), Line(store), status, RetryPace(0.0, random.Random(1)), heartbeat_s=0.0)


def turns(made: Uplink, count: int = 12) -> str:
    for _ in range(count):
        made.turn()
    made._source.close()
    return made._status.report.state


def copied(path: Path, to: Path) -> Path:
    to.parent.mkdir(parents=True)
    with closing(open_writer(str(path))) as connection, closing(open_writer(str(to))) as copy:
        connection.backup(copy)
    return to


def reopened(path: Path, generation: int = 1) -> None:
    with closing(open_writer(str(path))) as connection:
        open_stream(connection, "restored", generation, Clock())


def rows(store: SqliteStore) -> list[tuple[Any, ...]]:
    return store._write.execute(
        "SELECT e.sequence, id, wall_ms, mono_ms, boot, body, e.hash FROM entries e JOIN streams s ON s.key=e.stream"
        " WHERE e.sequence >= s.first AND (s.sealed IS NULL OR e.sequence <= s.sealed) ORDER BY e.sequence"
    ).fetchall()


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = SqliteStore(tmp_path / "cloud.db", recovery_point_s=7200)
    yield made
    made.close()


@pytest.mark.parametrize("sent_before", [0, 300, 700])
def test_what_goes_on_in_another_stream_arrives_once_and_in_order(
    store: SqliteStore, journal: JournalFile, sent_before: int
) -> None:
    journal.append(700)
    with closing(JournalReader(journal.path)) as reader:
        if sent_before:
            store.receive("s001", pack(reader.after(0, sent_before), GENESIS), 1)
    journal.close()
    reopened(journal.path)
    reopened(journal.path, 2)
    again = JournalFile(journal.path)
    again.stream = open_writer(str(journal.path)).execute("SELECT stream FROM streams WHERE generation=2").fetchone()[0]
    again.append(30)
    made = uplink(journal.path, store)
    assert turns(made) == "ok"
    assert rows(store) == again.entries()
    assert made._status.report.acked == 732
    assert made._status.report.recovery_point_s == 7200
    made._status._written = None
    made._status._written_at = 0.0
    made._status.flush()
    assert Status(journal.path.with_name("sync.json")).report.recovery_point_s == 7200  # it starts again, offline
    while store.shelve():
        pass
    overview = store.overview(1).stores[0]
    assert sum(overview.counts.values()) == 732
    assert sum(stream.count for stream in overview.streams) == 732
    again.close()


def test_a_cloud_restored_from_its_own_older_copy_gets_every_stream_again(
    store: SqliteStore, journal: JournalFile, tmp_path: Path
) -> None:
    journal.append(40)
    reopened(journal.path)
    older = SqliteStore(tmp_path / "older.db")
    with closing(JournalReader(journal.path)) as reader:
        older.receive("s001", pack(reader.after(0, 20), GENESIS), 1)
    made = uplink(journal.path, store)
    for _ in range(6):
        made.turn()
    made._cloud = Line(older)
    assert turns(made) == "ok"
    assert rows(older) == rows(store) == journal.entries()
    older.close()


def test_the_box_of_before_is_fenced_and_what_it_says_is_kept_apart(
    store: SqliteStore, journal: JournalFile, tmp_path: Path
) -> None:
    journal.append(50)
    assert turns(uplink(journal.path, store)) == "ok"
    new = copied(journal.path, tmp_path / "new" / "storekeeper.db")
    reopened(new)
    assert turns(uplink(new, store)) == "ok"
    journal.append(5)  # the old box is not dead after all
    old = uplink(journal.path, store)
    assert turns(old) == "fenced"
    assert "another box" in str(old._status.report.error)
    told = store.streams("s001")
    assert [(each.first, each.cursor, each.generation) for each in told.streams] == [(1, 55, 0), (51, 51, 1)]
    assert told.current == told.streams[1].stream
    while store.shelve():
        pass
    found = store._write.execute("SELECT sequence, reason FROM quarantine ORDER BY 1").fetchall()
    assert found == [(sequence, "salvaged") for sequence in range(51, 56)]
    assert sum(store.overview(1).stores[0].counts.values()) == 51
    assert turns(uplink(new, store)) == "ok", "and the new one goes on"


def test_of_two_boxes_that_know_nothing_of_each_other_one_is_in_charge(
    store: SqliteStore, journal: JournalFile, tmp_path: Path
) -> None:
    journal.append(10)
    one = copied(journal.path, tmp_path / "one" / "storekeeper.db")
    two = copied(journal.path, tmp_path / "two" / "storekeeper.db")
    for path in (one, two):
        reopened(path)
    assert turns(uplink(one, store)) == "ok"
    assert turns(uplink(two, store)) == "ok"
    assert turns(uplink(one, store)) == "fenced"


def test_a_stream_from_nowhere_is_refused(store: SqliteStore, journal: JournalFile) -> None:
    journal.append(10)
    turns(uplink(journal.path, store))
    stream = journal.stream.hex()
    for parent, first, generation in (
        ("zz", 11, 1),
        (stream, 0, 1),
        (stream, 11, 0),
        (stream, 11, 2**21),
        (stream, 6, 1),
    ):
        with pytest.raises(Malformed):
            store.hello("s001", Hello("11" * 16, 11, [], first, parent, "22" * 16, generation), 1)


def test_a_connection_that_breaks_while_it_is_read_back_is_a_cloud_that_is_away() -> None:
    """What broke in the middle of an answer went past everybody who repairs or restores."""

    def answer(server: socket.socket) -> None:
        for _ in range(2):
            peer, _ = server.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n{")

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        answering = threading.Thread(target=answer, args=(server,))
        answering.start()
        cloud = HttpCloud(f"http://127.0.0.1:{server.getsockname()[1]}", "s001", None)
        archive = Archive(cloud)
        with pytest.raises(CloudUnreachable):
            archive.streams()
        with pytest.raises(CloudUnreachable):
            archive.after("00" * 16, 0, GENESIS)
        cloud.close()
        answering.join()


def test_it_is_read_back_byte_for_byte(receiver: Receiver, journal: JournalFile) -> None:
    journal.append(2_500)
    with closing(JournalReader(journal.path)) as reader:
        entries = reader.after(0, 3_000)
    base = f"http://127.0.0.1:{receiver.port}/v1/stores/s001"
    auth = {"Authorization": f"Bearer {TOKEN}"}
    stream = journal.stream.hex()
    for first in range(0, 2_500, 500):
        batch = pack(entries[first : first + 500], entries[first - 1].hash if first else GENESIS, parked={7})
        answer = requests.post(f"{base}/streams/{stream}/entries", batch.content, headers={**batch.headers(), **auth})
        assert answer.status_code == 200
    assert requests.get(f"{base}/streams").status_code == 401
    told = requests.get(f"{base}/streams", headers=auth).json()
    assert (told["current"], told["streams"][0]["cursor"]) == (stream, 2_500)
    place, previous, found = 0, GENESIS, []
    while (answer := requests.get(f"{base}/streams/{stream}/entries?after={place}", headers=auth)).status_code == 200:
        batch = Batch.parse(stream, {name.lower(): value for name, value in answer.headers.items()}, answer.content)
        assert batch.previous == previous
        unpacked = unpack(batch)
        found += unpacked.rows
        place, previous = batch.first + batch.count - 1, batch.last
    assert answer.status_code == 204
    assert [(row[0], row[1], *row[3:]) for row in found if row[0] != 7] == [
        tuple(each) for each in journal.entries() if each[0] != 7
    ]
    assert found[6][6] is None
    assert requests.get(f"{base}/streams/xx/entries", headers=auth).status_code == 422
    assert requests.get(f"{base}/streams/{'00' * 16}/entries", headers=auth).status_code == 204
