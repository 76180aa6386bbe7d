"""A journal from which facts have left, brought to where the cloud is: what its snapshot stands for is never lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.journal.entry import GENESIS
from edge.journal.offline import insert_entries
from operations.backups import lineage
from operations.backups.errors import BackupError
from operations.backups.restore import RestoreTarget, _from_cloud
from sync.client import HttpCloud
from sync.cloud.sqlite_store import SqliteStore
from sync.wire import pack, unpack
from tests.sync.journals import JournalFile, entries

FIRST = 21
"""From here on the journal is kept."""


class Cloud:
    """The receiver as `Archive` reads it."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def streams(self) -> Any:
        return self._store.streams("s001")

    def _read(self, stream: str, place: int, limit: int) -> Any:
        return self._store.read("s001", bytes.fromhex(stream), place, limit)

    def after(self, stream: str, place: int, previous: bytes) -> Any:  # noqa: ARG002 - the receiver's own are whole
        batch = self._read(stream, place, 100)
        return unpack(batch) if batch else None

    def hash_at(self, stream: str, place: int) -> bytes | None:
        batch = self._read(stream, place - 1, 1)
        return batch.last if batch and batch.first == place else None

    def hash_before(self, stream: str, place: int) -> bytes | None:
        batch = self._read(stream, place - 1, 1)
        return batch.previous if batch and batch.first == place else None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "cloud.db")
    yield made
    made.close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JournalFile]:
    made = JournalFile(tmp_path / "storekeeper.db")
    made.append(40)
    yield made
    made.close()


def left(journal: JournalFile) -> None:
    """Facts before `FIRST` have left it, as `edge.journal.pruning` lets them go."""
    before = entries(journal.path)[FIRST - 2]
    journal.connection.execute(
        "INSERT INTO horizon (first, hash, base, digest, to_ms) VALUES (?,?,?,?,?)",
        (FIRST, before.hash, FIRST - 1, b"", 0),
    )
    journal.connection.execute("DELETE FROM entries WHERE sequence < ?", (FIRST,))


@pytest.mark.parametrize("acked", [FIRST, 30, 40])
def test_a_cloud_that_has_what_left_goes_on_from_what_is_here(
    store: SqliteStore, journal: JournalFile, acked: int
) -> None:
    every = entries(journal.path)
    store.receive("s001", pack(every[:acked], GENESIS), 1)
    left(journal)
    found = lineage.adopt(journal.connection, Cloud(store))  # type: ignore[arg-type]
    assert found.fetched == 0
    assert [said[0] for said in found.carried] == [entry.id for entry in every[acked:]]
    assert entries(journal.path) == every[FIRST - 1 : acked]


def test_a_cloud_that_lacks_what_left_takes_nothing_from_the_journal(store: SqliteStore, journal: JournalFile) -> None:
    """All that was kept was cut off, the cloud's few facts came before it, and those between were nowhere any more."""
    every = entries(journal.path)
    store.receive("s001", pack(every[:10], GENESIS), 1)
    left(journal)
    with pytest.raises(BackupError, match="from entry 21 on"):
        lineage.adopt(journal.connection, Cloud(store))  # type: ignore[arg-type]
    assert entries(journal.path) == every[FIRST - 1 :]


@pytest.mark.parametrize("lost", [30, 40])
def test_what_the_cloud_says_that_it_has_and_cannot_give_is_named(
    store: SqliteStore, journal: JournalFile, tmp_path: Path, lost: int
) -> None:
    """It was taken for the end, and the store said that nothing was missing."""
    store.receive("s001", pack(entries(journal.path), GENESIS), 1)
    copy = JournalFile(tmp_path / "copy" / "storekeeper.db")
    copy.connection.execute("UPDATE streams SET stream=?", (journal.stream,))
    insert_entries(copy.connection, entries(journal.path)[:20])
    store._write.execute("DELETE FROM entries WHERE sequence>=?", (lost,))
    found = lineage.adopt(copy.connection, Cloud(store))  # type: ignore[arg-type]
    assert (found.fetched, found.stopped_at) == (lost - 21, lost)
    copy.close()


def test_an_entry_without_its_body_ends_what_comes_back(
    store: SqliteStore, journal: JournalFile, tmp_path: Path
) -> None:
    store.receive("s001", pack(entries(journal.path), GENESIS, parked={30}), 1)
    copy = JournalFile(tmp_path / "copy" / "storekeeper.db")
    copy.connection.execute("UPDATE streams SET stream=?", (journal.stream,))
    found = lineage.adopt(copy.connection, Cloud(store))  # type: ignore[arg-type]
    assert (found.fetched, found.stopped_at) == (29, 30)
    copy.close()


def test_a_cloud_that_would_hear_in_clear_is_a_sentence(journal: JournalFile, tmp_path: Path) -> None:
    """Whoever restored by settings with such an address saw a traceback."""

    def connect(config: Path, folders: Any) -> Any:  # noqa: ARG001
        return HttpCloud("http://10.0.0.5:8090", "s001", "token")

    home = RestoreTarget("s001", tmp_path, tmp_path, tmp_path)
    with pytest.raises(BackupError, match="in clear"):
        _from_cloud(journal.connection, connect, tmp_path, home)
