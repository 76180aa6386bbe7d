"""The daily comparison: one day in a real store, its cloud, its devices; then somebody deletes or doubles a record."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import time
import uuid
from datetime import datetime
from pathlib import Path

import pytest

from edge.domain.devices import decisions as devices
from edge.domain.devices.facts import DeviceReported
from edge.domain.nouns import NOUNS
from edge.settings.settings import Settings, load
from operations.diagnosis.books import gather, report
from operations.diagnosis.books.report import ReconciliationReport
from sync.client import HttpCloud
from sync.cloud.sqlite_store import SqliteStore
from sync.retry_pace import RetryPace
from sync.source import JournalSource
from sync.status import Status
from sync.uplink import Uplink
from tests.command import storekeeper
from tests.conftest import new_broker
from tests.sync.conftest import Receiver
from tests.sync.processes import TOKEN
from tests.web.running import CONFIG, RunningStore, Shopper, wait

ALWAYS = (0, 4_000_000_000_000)
DEVICES = ("cart-01", "cart-02")


class Day:
    """A copy of everything that there is of one day."""

    def __init__(self, folder: Path) -> None:
        self.data, self.cloud = folder / "data", folder / "cloud.db"

    def copied(self, folder: Path) -> Day:
        shutil.copytree(self.data, folder / "data", ignore=shutil.ignore_patterns("*.lock", "broker"))
        for path in self.cloud.parent.glob("cloud.db*"):
            shutil.copy(path, folder / path.name)
        return Day(folder)

    def compared(self) -> ReconciliationReport:
        store = SqliteStore(self.cloud)

        def ask(stream: str, first: int, last: int) -> tuple[int, list[tuple[int, str, str, int, str]]]:
            told = store.index("s001", bytes.fromhex(stream), first - 1, 10_000)
            lines = [(each.sequence, each.id, each.type, each.wall_ms, each.sha256) for each in told.lines]
            return told.cursor, [line for line in lines if line[0] <= last]

        try:
            return gather.reconcile(self.data, "2026-11-26", ALWAYS, NOUNS, ask)
        finally:
            store.close()

    def change(self, path: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
        """As somebody would who has the file and SQLite."""
        connection = sqlite3.connect(path, isolation_level=None)
        for trigger in ("entries_stay", "entries_stay_unchanged"):
            connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        for sql, values in statements:
            assert connection.execute(sql, values).rowcount == 1, sql
        connection.close()

    @property
    def journal(self) -> Path:
        return self.data / "storekeeper.db"

    def entry(self, kind: str) -> tuple[int, str]:
        """Sequence and id of an entry in the middle of those of a type."""
        connection = sqlite3.connect(self.journal)
        rows = connection.execute("SELECT sequence, id FROM entries WHERE type=? ORDER BY sequence", (kind,)).fetchall()
        connection.close()
        sequence, identity = rows[len(rows) // 2]
        return sequence, identity.hex()

    def notes(self, device: str) -> Path:
        return self.data / "devices" / device / "notes.db"


class Patient(RunningStore):
    """A busy machine may be slow to open a lock."""

    def _settings(self) -> Settings:
        found = super()._settings()
        return found.model_copy(update={"gateway": found.gateway.model_copy(update={"unlock_ttl_ms": 60_000})})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Carts go out and come back, and all of it reaches a cloud."""
    folder = tmp_path_factory.mktemp("books")
    broker = new_broker("mosquitto", folder / "broker")
    broker.start()
    store = Patient(broker, folder / "data", DEVICES)
    store.start()
    receiver = Receiver(folder / "cloud.db")
    receiver.start()
    try:
        for cart in ("cart-01", "cart-01", "cart-01", "cart-02"):
            shopper = Shopper(store)
            shopper.register(store.code(cart))
            assert shopper.unlock(cart).json()["stage"] == "unlocked"
            store.bring_back(cart)
        for seq in range(1, 6):
            at = "2026-11-26T08:00:00.000Z"
            event = DeviceReported(device="locker-b", boot="b00t", seq=seq, at=at, event="door_opened", data={})
            store.do(store.gateway.decide(devices.on_report, event, patient=False))
    finally:
        store.stop()
        broker.stop()
    source = JournalSource(folder / "data" / "storekeeper.db")
    cloud = HttpCloud(f"http://127.0.0.1:{receiver.port}", "s001", TOKEN)
    uplink = Uplink(source, cloud, Status(folder / "data" / "sync.json"), RetryPace(0.2, random.Random(1)))
    reader = source.reader()
    wait(lambda: uplink.turn() is not None and uplink._position is not None and uplink._position[0] == reader.last()[0])
    source.close()
    cloud.close()
    receiver.stop()
    return Day(folder)


@pytest.fixture
def day(whole: Day, tmp_path: Path) -> Day:
    return whole.copied(tmp_path)


def said(found: ReconciliationReport) -> list[tuple[str, str]]:
    return [(each.kind, each.id) for each in found.differences]


def test_a_day_on_which_all_is_well(day: Day) -> None:
    found = day.compared()
    assert said(found) == []
    assert (found.cloud, found.on_the_way) == ("compared", 0)
    unlocked = next(each for each in found.counts if each.type == "cart.unlocked.v1")
    assert (unlocked.device, unlocked.store, unlocked.cloud) == (4, 4, 4)
    reported = next(each for each in found.counts if each.type == "device.reported.v1")
    assert reported.device == reported.store == reported.cloud
    assert sum(each.store for each in found.counts) == found.facts


KINDS = ("cart.unlocked.v1", "member.registered.v1", "device.reported.v1", "session.opened.v1")


@pytest.mark.parametrize("kind", KINDS)
def test_a_fact_that_somebody_deleted_in_the_store_is_named(day: Day, kind: str) -> None:
    sequence, name = day.entry(kind)
    day.change(day.journal, ("DELETE FROM entries WHERE sequence=?", (sequence,)))
    found = day.compared()
    assert ("missing_in_store", name) in said(found)
    missing = next(each for each in found.differences if each.id == name)
    assert (missing.sequence, missing.type) == (sequence, kind)


def test_the_newest_fact_too(day: Day) -> None:
    connection = sqlite3.connect(day.journal)
    sequence, identity = connection.execute("SELECT sequence, id FROM entries ORDER BY sequence DESC").fetchone()
    connection.close()
    day.change(day.journal, ("DELETE FROM entries WHERE sequence=?", (sequence,)))
    assert ("missing_in_store", identity.hex()) in said(day.compared())


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_deleted_in_the_cloud(day: Day, kind: str) -> None:
    sequence, name = day.entry(kind)
    day.change(day.cloud, ("DELETE FROM entries WHERE sequence=?", (sequence,)))
    assert said(day.compared()) == [("missing_in_cloud", name)]


COLUMNS = "stream, id, type, wall_ms, mono_ms, boot, body, hash"


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_doubled_in_the_store(day: Day, kind: str) -> None:
    sequence, name = day.entry(kind)
    last = "(SELECT max(sequence) + 1 FROM entries)"
    sql = f"INSERT INTO entries (sequence, {COLUMNS}) SELECT {last}, {COLUMNS} FROM entries WHERE sequence=?"
    day.change(day.journal, (sql, (sequence,)))
    assert ("double_in_store", name) in said(day.compared())


def test_an_event_that_is_doubled_under_a_new_id(day: Day) -> None:
    sequence, _ = day.entry("device.reported.v1")
    columns = COLUMNS.replace("id", "?", 1)
    sql = f"INSERT INTO entries SELECT (SELECT max(sequence)+1 FROM entries), {columns} FROM entries WHERE sequence=?"
    day.change(day.journal, (sql, (uuid.uuid4().bytes, sequence)))
    assert "double_event" in {kind for kind, _ in said(day.compared())}


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_doubled_in_the_cloud(day: Day, kind: str) -> None:
    sequence, name = day.entry(kind)
    last = "(SELECT max(sequence) + 1 FROM entries)"
    sql = f"INSERT INTO entries (sequence, {COLUMNS}) SELECT {last}, {COLUMNS} FROM entries WHERE sequence=?"
    day.change(day.cloud, (sql, (sequence,)))
    assert said(day.compared()) == [("double_in_cloud", name)]


def test_one_that_is_altered(day: Day) -> None:
    sequence, name = day.entry("cart.unlocked.v1")
    day.change(day.cloud, ("UPDATE entries SET body=? WHERE sequence=?", (b'{"type":"cart.unlocked.v1"}', sequence)))
    assert said(day.compared()) == [("altered", name)]
    other = day.copied(day.data.parent / "again")
    sequence, name = other.entry("session.opened.v1")
    other.change(
        other.journal, ("UPDATE entries SET body=? WHERE sequence=?", (b'{"type":"session.opened.v1"}', sequence))
    )
    assert ("altered", name) in said(other.compared())


@pytest.mark.parametrize("device", ["cart-01", "cart-02"])
def test_a_command_that_is_deleted_in_a_device_s_notes(day: Day, device: str) -> None:
    connection = sqlite3.connect(day.notes(device))
    taken = list(connection.execute("SELECT id, place FROM taken ORDER BY place"))
    connection.close()
    assert taken
    for name, place in taken:
        # What the store asks for its own sake, such as where a cart is, stands in no fact: there is a hole.
        named = name if name[14] == "7" else f"place {place}"
        other = day.copied(day.data.parent / name)
        other.change(other.notes(device), ("DELETE FROM taken WHERE id=?", (name,)))
        found = [each for each in other.compared().differences if each.device == device]
        assert [(each.kind, each.id) for each in found] == [("missing_on_device", named)]


def test_one_that_is_doubled_there(day: Day) -> None:
    connection = sqlite3.connect(day.notes("cart-01"))
    name = connection.execute("SELECT id FROM taken ORDER BY place DESC").fetchone()[0]
    connection.close()
    sql = "INSERT INTO taken SELECT (SELECT max(place)+1 FROM taken), id, fence, reply FROM taken WHERE id=?"
    day.change(day.notes("cart-01"), (sql, (name,)))
    assert ("double_on_device", name) in said(day.compared())


def test_what_a_device_did_and_the_store_does_not_know(day: Day) -> None:
    sequence, _ = day.entry("cart.unlocked.v1")
    connection = sqlite3.connect(day.journal)
    grant = json.loads(connection.execute("SELECT body FROM entries WHERE sequence=?", (sequence,)).fetchone()[0])[
        "grant"
    ]
    connection.close()
    day.change(day.journal, ("DELETE FROM entries WHERE sequence=?", (sequence,)))
    later = time.time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather.time, "time", lambda: later() + 3600)
        assert ("unknown_to_store", grant) in said(day.compared())


def test_a_hole_in_the_numbers_of_a_device_is_named(day: Day) -> None:
    connection = sqlite3.connect(day.journal)
    rows = connection.execute("SELECT sequence, body FROM entries WHERE type='device.reported.v1'").fetchall()
    connection.close()
    facts = [(sequence, json.loads(body)) for sequence, body in rows]
    sequence, fact = next(
        (sequence, fact) for sequence, fact in facts
        if any(each["boot"] == fact["boot"] and each["seq"] > fact["seq"] for _, each in facts)
        and any(each["boot"] == fact["boot"] and each["seq"] < fact["seq"] for _, each in facts)
    )  # fmt: skip
    day.change(day.journal, ("DELETE FROM entries WHERE sequence=?", (sequence,)))
    assert ("event_not_heard", f"{fact['boot']}/{fact['seq']}") in said(day.compared())


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return storekeeper("reconcile", "--config", CONFIG, *arguments)


def test_the_command_keeps_its_report_and_puts_it_on_record(day: Day) -> None:
    done = run("--day", "today", "--data", str(day.data), "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout)
    assert found["cloud"] != "compared"  # nobody listens there
    assert report.newest(day.data) is not None
    connection = sqlite3.connect(day.journal)
    facts = connection.execute("SELECT body FROM entries WHERE type='reconciliation.agreed.v1'").fetchall()
    assert [json.loads(body)["day"] for (body,) in facts] == [found["day"]]


def date_of(day: Day, sequence: int) -> str:
    """The day in the store: midnight may have passed since."""
    connection = sqlite3.connect(day.journal)
    (at_ms,) = connection.execute("SELECT wall_ms FROM entries WHERE sequence=?", (sequence,)).fetchone()
    connection.close()
    return datetime.fromtimestamp(at_ms / 1000, load(CONFIG).store.zone).date().isoformat()


def test_it_ends_with_one_where_something_differs(day: Day) -> None:
    sequence, _ = day.entry("cart.unlocked.v1")
    date = date_of(day, sequence)
    day.change(day.journal, ("DELETE FROM entries WHERE sequence=?", (sequence,)))
    done = run("--day", date, "--data", str(day.data), "--no-record")
    assert done.returncode == 1, done.stderr
    assert f"#{sequence}" in done.stdout


@pytest.mark.parametrize("wrong", ["2026-13-01", "soon", ""])
def test_a_day_that_is_none(day: Day, wrong: str) -> None:
    done = run("--day", wrong, "--data", str(day.data))
    assert done.returncode == 2
    assert "expected a date such as" in done.stderr
    assert "Traceback" not in done.stderr


def test_old_reports_go(tmp_path: Path, day: Day) -> None:
    found = day.compared()
    from msgspec.structs import replace

    for number in range(report.KEPT + 3):
        report.keep(tmp_path, replace(found, day=f"20{10 + number // 28:02d}-01-{number % 28 + 1:02d}"))
    assert len(report.days(tmp_path)) == report.KEPT
    assert report.read(tmp_path, "../../etc/passwd") is None
    report.keep(tmp_path, replace(found, day="9031-01-01"))
    assert report.newest(tmp_path) == replace(found, day="2012-01-07"), "no clock that ran ahead says what is newest"
