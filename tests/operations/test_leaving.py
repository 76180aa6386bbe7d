"""What may leave the journal, when, and by whose word; and that a store stands the same after it."""

from __future__ import annotations

import asyncio
import lzma
import sqlite3
from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.domain.box.facts import BackupMade
from edge.domain.carts import decisions as carts
from edge.domain.nouns import NOUNS
from edge.domain.touchpoints import decisions as touchpoints
from edge.journal import Projections
from edge.journal.journal import Journal
from edge.journal.pruning import prune
from edge.journal.reader import JournalReader
from edge.journal.schema import open_writer
from edge.journal.sync_status import SyncStatus
from edge.journal.tables import names, rebuild
from edge.journal.verify import verify
from operations.retention import leaving
from operations.retention.leaving import DAY_MS, HOUR_MS, may_leave
from operations.retention.pruning import Pruning
from operations.retention.space import Level
from sync.source import JournalSource
from sync.status import Status
from tests.callers import by, member_of
from tests.domain.conftest import SetClock, come_online, furnish, join

OLD = Path(__file__).resolve().parents[1] / "data" / "journal-of-602360c.db.xz"


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "SEGMENT", 25)
    monkeypatch.setattr("operations.retention.pruning.SEGMENT", 25)


class Store:
    """A store that shoppers visit, 25 facts a day."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "storekeeper.db"
        self.clock = SetClock()
        self.journal = Journal(self.path, NOUNS, clock=self.clock)
        self._visits = 0

    async def open(self) -> None:
        await self.journal.write(furnish)
        await self.journal.write(come_online)
        await self.journal.write(join, 1)

    async def live(self, days: int) -> None:
        for _ in range(days):
            self.clock.now += DAY_MS
            for _ in range(5):
                await self._visit()

    async def _visit(self) -> None:
        self._visits += 1
        write, name = self.journal.write, f"visit-{self._visits}"
        self.clock.now += 1000
        await write(touchpoints.scanned, touchpoint="cart-01", visitor=name, shown_ms=self.clock.now)
        grant = await write(carts.unlock, cart="cart-01", caller=by(member_of(1)), touchpoint="cart-01", request=name)
        await write(carts.settle, grant.id, "done", None, "device")
        for docked in (False, True):
            await write(carts.on_state, cart="cart-01", lock="locked" if docked else "unlocked", docked=docked)

    def acknowledged(self, upto: int, recovery_point_s: int | None = 3600, state: Any = "ok") -> None:
        reader = JournalReader(self.path)
        found = reader.hash_at(upto)
        report = SyncStatus(acked=upto, acked_hash=(found or b"").hex(), state=state, recovery_point_s=recovery_point_s)
        self.path.with_name("sync.json").write_bytes(msgspec.json.encode(report))
        self.cloud_tells_the_time()
        reader.close()

    def cloud_tells_the_time(self, ahead_ms: int = 0) -> None:
        """By what its clock differs from the store's."""
        status = self.path.with_name("sync.json")
        report = msgspec.json.decode(status.read_bytes(), type=SyncStatus)
        report.cloud_ms = max(0, self.clock.now + ahead_ms)
        status.write_bytes(msgspec.json.encode(report))

    def may_leave(self, cloud_ahead_ms: int = 0) -> leaving.Leaving:
        if (status := self.path.with_name("sync.json")).exists() and status.stat().st_size:
            self.cloud_tells_the_time(cloud_ahead_ms)
        return may_leave(self.path, self.path.with_name("sync.json"), self.clock.now)


@pytest.fixture
async def store(tmp_path: Path) -> Any:
    made = Store(tmp_path)
    await made.open()
    yield made
    made.journal.close()


def tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    connection = sqlite3.connect(path)
    found = {}
    for name in names(Projections(NOUNS)):
        rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
        found[name] = sorted(rows, key=repr)
    connection.close()
    return found


async def test_with_a_cloud_what_it_has_for_long_and_is_old_leaves(store: Store) -> None:
    await store.live(40)
    last = store.journal.sequence
    assert store.may_leave() == leaving.Leaving(1, "few_archives")
    store.acknowledged(last)
    assert store.may_leave() == leaving.Leaving(1, "cloud_behind"), "it was acknowledged only now"
    store.clock.now += 3 * HOUR_MS
    found = store.may_leave()
    assert found.because == "cloud"
    newest = store.journal.reads.one("SELECT max(wall_ms) AS at FROM entries WHERE sequence < ?", found.first)
    after = store.journal.reads.one("SELECT max(wall_ms) AS at FROM entries WHERE sequence < ?", found.first + 25)
    assert newest is not None
    assert after is not None
    assert newest["at"] < store.clock.now - 30 * DAY_MS <= after["at"]
    assert found.first % 25 == 1, "whole segments"
    store.acknowledged(60)
    assert store.may_leave() == leaving.Leaving(1, "cloud_behind"), "the cloud was restored, and has less than before"


async def test_a_cloud_that_may_lose_much_keeps_more_here(store: Store) -> None:
    await store.live(40)
    store.acknowledged(store.journal.sequence, recovery_point_s=20 * 86_400)
    store.may_leave()
    for _ in range(41):
        store.clock.now += DAY_MS
        store.may_leave()
    found = store.may_leave()
    newest = store.journal.reads.one("SELECT max(wall_ms) AS at FROM entries WHERE sequence < ?", found.first)
    assert found.because == "cloud"
    assert newest is not None
    assert newest["at"] < store.clock.now - 40 * DAY_MS


@pytest.mark.parametrize("off_ms", [-90 * DAY_MS, -30 * HOUR_MS, 30 * HOUR_MS, 90 * DAY_MS, -(10**14)])
async def test_no_clock_alone_makes_an_acknowledgement_old(store: Store, off_ms: int) -> None:
    """Neither the store's nor the cloud's, whichever is wrong, and whether it was wrong before or is now."""
    await store.live(40)
    true_ms = store.clock.now
    for cloud_off_ms, store_off_ms in ((0, off_ms), (off_ms, 0)):
        store.path.with_name("acknowledged.json").unlink(missing_ok=True)
        store.clock.now = true_ms
        store.acknowledged(store.journal.sequence)
        for wrong in (False, True, False):
            store.clock.now = max(0, true_ms + wrong * store_off_ms)
            assert not store.may_leave(wrong * (cloud_off_ms - store_off_ms)).any
            true_ms += HOUR_MS // 2
    store.clock.now = true_ms + 3 * HOUR_MS
    assert store.may_leave().because == "cloud", "once both have been right for so long"


@pytest.mark.parametrize("state", ["diverged", "fenced", "a later build's"])
async def test_a_cloud_that_says_something_else_counts_for_nothing(store: Store, state: str) -> None:
    await store.live(40)
    store.acknowledged(store.journal.sequence, state=state)
    store.may_leave()
    store.clock.now += 2 * DAY_MS
    assert not store.may_leave().any
    store.acknowledged(store.journal.sequence)
    report = msgspec.json.decode(store.path.with_name("sync.json").read_bytes(), type=SyncStatus)
    report.acked_hash = "00" * 16
    store.path.with_name("sync.json").write_bytes(msgspec.json.encode(report))
    store.may_leave()
    store.clock.now += 2 * DAY_MS
    assert not store.may_leave().any, "what it acknowledged is not this journal"


async def test_without_a_cloud_two_archives_are_needed(store: Store) -> None:
    await store.live(40)
    last = store.journal.sequence
    await store.journal.write(lambda tx: tx.emit(BackupMade(about="usb", upto=last, bytes=1)))
    assert store.may_leave() == leaving.Leaving(1, "few_archives")
    await store.journal.write(lambda tx: tx.emit(BackupMade(about="folder", upto=240, bytes=1)))
    assert store.may_leave() == leaving.Leaving(226, "archives"), "as far as both have it"


async def test_at_night_it_leaves_and_the_store_is_the_same(store: Store) -> None:
    await store.live(45)
    store.acknowledged(store.journal.sequence)
    pruning = Pruning(store.journal, store.path.with_name("sync.json"), UTC, lambda: Level.AMPLE)
    assert not await pruning.look()
    store.clock.now += 3 * HOUR_MS
    store.cloud_tells_the_time()
    live = carts_of(store.journal)
    assert await pruning.look()
    assert not await pruning.look(), "once a night"
    pruning._last_ms += 400 * DAY_MS
    assert pruning._is_time(store.clock.now), "not never again, where the clock ran ahead that night"
    assert carts_of(store.journal) == live
    first = store.journal.reads.one("SELECT first FROM horizon")
    assert first is not None
    assert first["first"] > 250
    grants = store.journal.reads.one("SELECT count(*) AS n, min(ended_ms) AS oldest FROM grants")
    horizon = store.journal.reads.one("SELECT to_ms FROM horizon")
    assert grants is not None
    assert horizon is not None
    assert grants["oldest"] > horizon["to_ms"], "rides that are over have left the tables too"
    assert store.journal.reads.one("SELECT count(*) AS n FROM members")["n"] == 1  # type: ignore[index]
    store.clock.now += DAY_MS
    await store.live(1)
    path = store.path
    store.journal.close()
    assert verify(path, Projections(NOUNS)).faults == ()
    before = tables(path)
    connection = open_writer(str(path))
    rebuild(connection, Projections(NOUNS))
    connection.close()
    assert tables(path) == before
    store.journal = Journal(path, NOUNS, clock=store.clock)
    await store.live(1)


def carts_of(journal: Journal) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in journal.reads.all("SELECT * FROM carts ORDER BY cart")]


async def test_by_day_it_waits_for_the_night(store: Store) -> None:
    await store.live(45)
    store.acknowledged(store.journal.sequence)
    store.clock.now -= store.clock.now % DAY_MS - 12 * HOUR_MS
    pruning = Pruning(store.journal, store.path.with_name("sync.json"), UTC, lambda: Level.AMPLE)
    await pruning.look()
    store.clock.now += 10 * HOUR_MS
    store.cloud_tells_the_time()
    assert await pruning.look(), "never before: it does not wait"
    store.clock.now += 21 * HOUR_MS
    await store.live(2)
    store.clock.now += (24 + 12) * HOUR_MS - store.clock.now % DAY_MS
    store.acknowledged(store.journal.sequence)
    assert store.may_leave().any
    pruning._last_ms = store.clock.now - 24 * HOUR_MS
    assert not await pruning.look()
    store.clock.now += 15 * HOUR_MS
    store.cloud_tells_the_time()
    assert await pruning.look()


async def test_a_tight_disk_lets_go_of_the_oldest_words_and_says_how_many(store: Store) -> None:
    await store.live(10)
    level = Level.TIGHT
    pruning = Pruning(store.journal, store.path.with_name("sync.json"), UTC, lambda: level)
    before = tables(store.path)
    assert await pruning.look()
    losses = store.journal.reads.all("SELECT * FROM losses")
    assert [(row["type"], row["why"]) for row in losses] == [("touchpoint.scanned.v1", "let_go")]
    oldest = store.journal.reads.one("SELECT max(wall_ms) AS at FROM entries WHERE length(body)=37")
    assert oldest is not None
    assert losses[0]["last_ms"] == oldest["at"] < store.clock.now - DAY_MS
    assert {k: v for k, v in tables(store.path).items() if k != "box_words"} == {
        k: v for k, v in before.items() if k != "box_words"
    }
    assert not await pruning.look(), "there is no more to let go"
    path = store.path
    store.journal.close()
    assert verify(path, Projections(NOUNS)).faults == ()
    store.journal = Journal(path, NOUNS, clock=store.clock)


@pytest.mark.parametrize("places", [(100, 400, 700), (871,), (1, 2, 3), (500, 500)])
async def test_a_real_journal_pruned_anywhere_makes_the_same_tables(tmp_path: Path, places: tuple[int, ...]) -> None:
    path = tmp_path / "storekeeper.db"
    path.write_bytes(lzma.decompress(OLD.read_bytes()))
    plain = [msgspec.structs.replace(noun, ends=()) for noun in NOUNS]
    journal = Journal(path, plain)
    before = tables(path)
    for place in places:
        await prune(journal, place + 1, place, "cloud")
    journal.close()
    connection = open_writer(str(path))
    rebuild(connection, Projections(plain))
    connection.close()
    after = tables(path)
    assert after.pop("box_words") != before.pop("box_words")
    assert after == before
    assert verify(path, Projections(plain)).faults == ()


async def test_the_uplink_goes_on_after_it_and_says_what_a_cloud_lacks(store: Store) -> None:
    from sync.client import CloudError
    from sync.cloud.sqlite_store import SqliteStore
    from sync.retry_pace import RetryPace
    from sync.uplink import Uplink

    class Direct:
        """A cloud without a network between."""

        time_told = None

        def __init__(self, path: Path) -> None:
            self.store = SqliteStore(path)

        def hello(self, message: Any) -> Any:
            return self.store.hello("s001", message, 0)

        def send(self, batch: Any) -> Any:
            try:
                return self.store.receive("s001", batch, 0)
            except Exception as error:
                raise CloudError(str(error)) from error

    def turns(cloud: Direct, count: int) -> SyncStatus:
        status = Status(store.path.with_name("sync.json"))
        uplink = Uplink(JournalSource(store.path), cloud, status, RetryPace(0.1, __import__("random").Random(1)))
        for _ in range(count):
            uplink.turn()
        return status.report

    await store.live(10)
    cloud = Direct(store.path.with_name("cloud.db"))
    assert turns(cloud, 20).acked == store.journal.sequence
    await prune(store.journal, 101, 100, "cloud")
    await store.live(1)
    report = turns(cloud, 20)
    assert (report.state, report.acked) == ("ok", store.journal.sequence)

    empty = Direct(store.path.with_name("empty.db"))
    report = turns(empty, 3)
    assert report.state == "diverged"
    assert report.error is not None
    assert "keeps them from entry 101 on" in report.error
    await asyncio.sleep(0)


def test_marks_of_the_past_survive_a_damaged_file(tmp_path: Path) -> None:
    file = tmp_path / "acknowledged.json"
    file.write_bytes(b"{")
    assert leaving._marks(file) == []


async def test_a_torn_report_of_the_uplink_is_no_store_without_a_cloud(store: Store) -> None:
    """The power went while it was written: two archives were enough then, whatever the cloud still lacked."""
    await store.live(40)
    for number in range(2):
        made = BackupMade(about=f"usb:BACKUP-{number}", bytes=1, upto=store.journal.sequence)
        await store.journal.write(lambda tx, made=made: tx.emit(made))
    assert store.may_leave().because == "archives"
    store.path.with_name("sync.json").touch()
    assert store.may_leave().because == "cloud_behind"
