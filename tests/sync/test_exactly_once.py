"""Real processes, a bad network, and kill -9: each entry arrives exactly once, in order, byte for byte."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.proxy import Fault, FaultProxy, portal
from tests.rounds import rounds, seed
from tests.sync.conftest import Receiver
from tests.sync.journals import JournalFile
from tests.sync.processes import TOKEN, Running, cursor, received, send, status, wait_for

ROUNDS = rounds(24)


@pytest.fixture
def proxy(receiver: Receiver) -> Iterator[FaultProxy]:
    with FaultProxy(receiver.port) as running:
        yield running


@pytest.fixture
def uplink(journal: JournalFile, proxy: FaultProxy, tmp_path: Path) -> Iterator[Running]:
    running = Running(send, str(journal.path), str(tmp_path / "sync.json"), proxy.port, TOKEN)
    running.start()
    yield running
    running.stop()


def all_arrived(journal: JournalFile, receiver: Receiver) -> None:
    wait_for(lambda: cursor(receiver.database) == journal.sequence, why=f"all {journal.sequence} entries arrive")
    assert received(receiver.database) == journal.entries()


@pytest.mark.usefixtures("uplink")
def test_what_is_appended_arrives_at_once(journal: JournalFile, receiver: Receiver, tmp_path: Path) -> None:
    journal.append(3)
    all_arrived(journal, receiver)
    journal.append(1, b'{"type":"odd.fact.v1",\n"broken":', b"\xff\x00", b" {} ")
    journal.append(4_321)
    all_arrived(journal, receiver)
    told = wait_for(
        lambda: (s := status(tmp_path / "sync.json")).get("acked") == journal.sequence and s.get("state") == "ok" and s
    )
    assert told["last"] == journal.sequence
    assert told["error"] is None


@pytest.mark.parametrize(
    "fault",
    [
        Fault("refuse"),
        Fault("cut", amount=1),
        Fault("cut", amount=700),
        Fault("cut", amount=5_000),
        Fault("swallow"),
        Fault("truncate", amount=60),
        Fault("truncate", amount=170),
        Fault("duplicate"),
        Fault("hold"),
        Fault(delay_s=0.2),
        portal(),
        portal("302 Found", b"", "Location: http://login.example/"),
        portal("401 Unauthorized"),
        portal("403 Forbidden"),
        portal("413 Content Too Large"),
        portal("400 Bad Request"),
        portal("503 Service Unavailable", b"", "Retry-After: 1"),
        portal("200 OK", b'{"cursor":999999,"hash":"00000000000000000000000000000000"}'),
        portal("200 OK", b'{"cursor":0,"hash":"00000000000000000000000000000000","verdict":"ok"}'),
        portal("200 OK", b"[" * 100_000),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.amount or fault.reply[9:40]!r}",
)
@pytest.mark.usefixtures("uplink")
def test_half_of_all_requests_go_wrong(
    journal: JournalFile, receiver: Receiver, proxy: FaultProxy, fault: Fault, tmp_path: Path
) -> None:
    dice = random.Random(7)
    proxy.choose = lambda: fault if dice.random() < 0.5 else Fault()
    for _ in range(4):
        journal.append(dice.choice([1, 30, 700]))
        wait_for(lambda: cursor(receiver.database) >= journal.sequence - 500)
    for number in range(len(proxy.held)):  # long overdue requests arrive after all
        proxy.release(number)
    all_arrived(journal, receiver)
    wait_for(lambda: status(tmp_path / "sync.json").get("acked") == journal.sequence)


@pytest.mark.usefixtures("uplink")
def test_the_internet_is_cut_and_comes_back(
    journal: JournalFile, receiver: Receiver, proxy: FaultProxy, tmp_path: Path
) -> None:
    journal.append(10)
    all_arrived(journal, receiver)
    proxy.choose = lambda: Fault("refuse")
    journal.append(5_000)
    told = wait_for(
        lambda: (
            (s := status(tmp_path / "sync.json")).get("state") == "offline"
            and s.get("last") == journal.sequence
            and "reached" in s["error"]
            and s
        )
    )
    assert told["acked"] <= 10 + 500  # a batch may have been on its way
    proxy.choose = Fault
    all_arrived(journal, receiver)
    wait_for(lambda: status(tmp_path / "sync.json").get("state") == "ok")


def test_a_restart_while_offline_still_knows_what_was_acknowledged(
    journal: JournalFile, receiver: Receiver, proxy: FaultProxy, uplink: Running, tmp_path: Path
) -> None:
    journal.append(10)
    wait_for(lambda: status(tmp_path / "sync.json").get("acked") == 10)
    uplink.kill()
    proxy.choose = lambda: Fault("refuse")
    journal.append(3)
    uplink.start()
    told = wait_for(
        lambda: (s := status(tmp_path / "sync.json")).get("state") == "offline" and s.get("last") == 13 and s
    )
    assert told["acked"] == 10
    proxy.choose = Fault
    all_arrived(journal, receiver)


@pytest.mark.parametrize("answer", [portal("401 Unauthorized"), portal("503 Service Unavailable"), portal()])
@pytest.mark.usefixtures("uplink")
def test_what_is_no_acknowledgement_is_told(
    journal: JournalFile, receiver: Receiver, proxy: FaultProxy, answer: Fault, tmp_path: Path
) -> None:
    proxy.choose = lambda: answer
    journal.append(5)
    told = wait_for(lambda: (s := status(tmp_path / "sync.json")).get("state") == "offline" and s)
    assert told["error"]
    assert told["acked"] == 0
    proxy.choose = Fault
    all_arrived(journal, receiver)


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(900 + 6 * ROUNDS)
def test_kill_at_any_moment(journal: JournalFile, receiver: Receiver, uplink: Running) -> None:
    dice = random.Random(seed())
    for _ in range(ROUNDS):
        journal.append(dice.choice([1, 50, 900, 3_000]))
        before = cursor(receiver.database)
        victim = dice.choice([uplink, receiver])
        time.sleep(dice.random() * 0.06)
        victim.kill()
        victim.start()
        assert cursor(receiver.database) >= before
    all_arrived(journal, receiver)


def test_a_receiver_restored_from_an_old_copy_gets_the_rest_again(
    journal: JournalFile, receiver: Receiver, uplink: Running, tmp_path: Path
) -> None:
    journal.append(700)
    all_arrived(journal, receiver)
    receiver.stop()
    copy = tmp_path / "old.db"
    shutil.copy(receiver.database, copy)
    assert cursor(copy) == 700, "nobody sends to a copy"
    receiver.start()
    journal.append(2_600)
    all_arrived(journal, receiver)
    receiver.stop()
    for stale in receiver.database.parent.glob("cloud.db-*"):
        stale.unlink()
    shutil.copy(copy, receiver.database)
    receiver.start()
    assert uplink.process
    assert uplink.process.is_alive()
    all_arrived(journal, receiver)  # nothing new was written: the heartbeat finds out


def test_a_journal_restored_from_an_old_copy_is_told_and_nothing_is_overwritten(
    journal: JournalFile, receiver: Receiver, uplink: Running, tmp_path: Path
) -> None:
    journal.append(20)
    backup = sqlite3.connect(tmp_path / "backup.db")
    journal.connection.backup(backup)
    backup.close()
    journal.append(30)
    all_arrived(journal, receiver)
    before = received(receiver.database)
    uplink.stop()
    restored = JournalFile(tmp_path / "backup.db")
    restored.append(100)
    other = Running(send, str(restored.path), str(tmp_path / "other.json"), receiver.port, TOKEN)
    other.start()
    told = wait_for(lambda: (s := status(tmp_path / "other.json")).get("state") == "diverged" and s)
    # The points of the locator are sparse: a lower bound of where they part is what is promised.
    assert "part at entry" in told["error"]
    assert received(receiver.database) == before
    other.stop()
    restored.close()
    uplink.start()


def test_an_entry_changed_in_the_journal_stops_there_and_is_named(
    journal: JournalFile, receiver: Receiver, uplink: Running, tmp_path: Path
) -> None:
    uplink.kill()  # or it may read the entry before it is changed
    journal.append(40)
    journal.tamper(23, b'{"type":"cart.unlocked.v1","cart":"mine"}')
    uplink.start()
    told = wait_for(lambda: (s := status(tmp_path / "sync.json")).get("state") == "diverged" and s)
    assert "entry 23" in told["error"]
    assert cursor(receiver.database) == 22
    assert received(receiver.database) == journal.entries()[:22]


def test_the_uplink_waits_for_a_journal_that_is_not_there_yet(receiver: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "later" / "storekeeper.db"
    uplink = Running(send, str(path), str(tmp_path / "sync.json"), receiver.port, TOKEN)
    uplink.start()
    wait_for(lambda: status(tmp_path / "sync.json").get("state") == "starting")
    journal = JournalFile(path)
    journal.append(7)
    all_arrived(journal, receiver)
    assert uplink.stop() == 0
    journal.close()
