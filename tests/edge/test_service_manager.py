"""What systemd hears, and what its unit promises the gateway."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from configparser import RawConfigParser
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.bootstrap.gateway import longest_stop_s
from edge.gateway import service_manager
from edge.journal import pulse
from edge.journal.journal import Journal
from edge.settings.settings import GatewaySettings
from tests.faults.house import CARTS, House, until
from tests.faults.shoppers import Crowd
from tests.faults.test_full_disk import unlock
from tests.journal.coins import COINS, drop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UNITS = Path(__file__).resolve().parents[2] / "systemd"


class Listener:
    """The service manager's end of the socket."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(0.05)
        self.heard: list[str] = []

    def take(self) -> list[str]:
        try:
            while True:
                self.heard.append(self._socket.recv(4096).decode())
        except TimeoutError:
            return self.heard

    def since(self, count: int) -> list[str]:
        return self.take()[count:]


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Listener:
    made = Listener(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", str(made.path))
    return made


@contextmanager
def stuck(journal: Journal) -> Iterator[None]:
    """A disk whose flush does not come back: the commit waits inside SQLite, in the thread that flushes."""
    go_on = threading.Event()
    journal._connection.set_trace_callback(lambda sql: go_on.wait(600) if sql == "COMMIT" else None)
    try:
        yield
    finally:
        go_on.set()  # and the callback stays: to take it away, one would wait for the commit


async def when(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not so():  # noqa: ASYNC110 - nobody is told; a probe asks each time
            await asyncio.sleep(0.02)


async def test_a_flush_that_does_not_come_back_is_not_ready_and_not_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    monkeypatch.setattr(pulse, "WITHIN_S", 3.0)  # a flush may be slow, as this machine is
    monkeypatch.setattr(pulse, "IDLE_S", 0.2)
    monkeypatch.setattr(pulse, "EVERY_S", 0.1)
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    journal = Journal(tmp_path / "j.db", [COINS])
    life = asyncio.create_task(service_manager.run_watchdog(lambda: journal.pulse.answers))
    await asyncio.sleep(4.0)
    await when(lambda: journal.pulse.writes)  # nobody writes, and it shows that one could
    assert journal.sequence == 0, "without a fact"
    await when(lambda: "WATCHDOG=1" in listener.take())
    with stuck(journal):
        waiting = journal.write(drop, "a", 1)
        await when(lambda: not journal.pulse.writes)
        assert not journal.pulse.answers
        count = len(listener.take())
        await asyncio.sleep(0.5)
        assert listener.since(count) == []
        assert not waiting.done()
    assert await waiting == 0
    await when(lambda: journal.pulse.writes)
    count = len(listener.take())
    await when(lambda: "WATCHDOG=1" in listener.since(count))
    life.cancel()
    journal.close()


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    service_manager.notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    service_manager.notify("READY=1")


@pytest.mark.parametrize(
    ("usec", "pid", "expected"),
    [("3000000", "own", 3.0), ("3000000", "1", None), ("", "", None), ("0", None, None), ("x", None, None)],
)
def test_whose_watchdog_it_is(
    monkeypatch: pytest.MonkeyPatch, usec: str, pid: str | None, expected: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    if pid is not None:
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "own" else pid)
    assert service_manager.watchdog_s() == expected


def stopped(pid: int) -> bool:
    """Whether no thread of it goes on: on a busy machine one may have to run before it stops."""
    said = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # one that has ended meanwhile
            said.append((task / "stat").read_text().rpartition(") ")[2][0])
    return set(said) == {"T"}


@pytest.mark.slow
def test_a_gateway_says_when_it_is_open_and_that_it_lives(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    with House(tmp_path / "house") as house:
        until(house.open, 300, house.last_words)
        until(lambda: "READY=1" in listener.take(), 60)
        count = len(listener.take())
        until(lambda: listener.since(count).count("WATCHDOG=1") >= 3, 60)
        gateway = house.parts["gateway"]
        os.kill(gateway.pid, signal.SIGSTOP)  # as a loop that hangs
        until(lambda: stopped(gateway.pid), 60)
        count = len(listener.take())
        time.sleep(2)
        assert listener.since(count) == []
        os.kill(gateway.pid, signal.SIGCONT)
        until(lambda: "WATCHDOG=1" in listener.since(count), 60)
        os.kill(gateway.pid, signal.SIGTERM)
        until(lambda: "STOPPING=1" in listener.take(), 60)
        until(lambda: gateway.ended_by_itself is not None, 60)
        assert gateway.ended_by_itself == 0


@pytest.mark.slow
def test_a_stop_records_what_is_under_way_at_a_lock(tmp_path: Path) -> None:
    with House(tmp_path / "house", ttl_ms=10_000) as house:
        until(house.open, 300, house.last_words)
        shopper = Crowd(house, seed=1).idle(1)[0]
        assert shopper.register()
        os.kill(house.parts["floor"].pid, signal.SIGSTOP)  # on the bus, and silent
        with ThreadPoolExecutor(1) as pool:
            pool.submit(unlock, shopper, CARTS[0])
            until(lambda: house.rows("SELECT 1 FROM grants WHERE state='granted'"), 60)
            gateway = house.parts["gateway"]
            os.kill(gateway.pid, signal.SIGTERM)
            until(lambda: gateway.ended_by_itself is not None, 60 + longest_stop_s(10_000))
        assert gateway.ended_by_itself == 0
        ends = house.rows("SELECT state, reason FROM grants")
        assert ends == [{"state": "lapsed", "reason": "no_reply"}]
        house.parts["floor"].kill()


def unit(name: str) -> RawConfigParser:
    """A unit file. Keys may be said twice in one; those that matter here are not."""
    read = RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string((UNITS / name).read_text())
    return read


def test_the_unit_waits_longer_than_the_gateway_stops() -> None:
    longest = max(meta.le for meta in GatewaySettings.model_fields["unlock_ttl_ms"].metadata if hasattr(meta, "le"))
    patience = int(unit("storekeeper-gateway.service")["Service"]["TimeoutStopSec"])
    assert patience >= longest_stop_s(longest) + 10


def test_the_unit_listens_to_the_gateway() -> None:
    service = unit("storekeeper-gateway.service")["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= 2 * pulse.WITHIN_S, "the page says so first"
    assert service["Restart"] == "always"


PROGRAM = "/opt/storekeeper/current/bin/storekeeper"
EXPOSURE = {"gateway": 1.5, "sync": 1.5, "cloud": 1.5, "devices": 2.5, "kiosk@": 3.5}
"""The most that `systemd-analyze security` may find: the less, the less a service can do to its box."""


@pytest.fixture
def analyze(require: Callable[[str], None]) -> Callable[..., subprocess.CompletedProcess[str]]:
    require("systemd-analyze")
    return lambda *words: subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


def test_systemd_takes_every_unit(tmp_path: Path, analyze: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    for path in UNITS.iterdir():
        copy = tmp_path / path.name
        copy.write_text(path.read_text().replace(PROGRAM, sys.executable))
    for path in tmp_path.iterdir():
        said = analyze("verify", "--man=no", str(path)).stderr
        ours = [line for line in said.splitlines() if path.name in line and "mosquitto" not in line]
        assert not ours, said


@pytest.mark.parametrize("name", EXPOSURE)
def test_a_service_can_do_little_to_its_box(
    name: str, analyze: Callable[..., subprocess.CompletedProcess[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    path = UNITS / f"storekeeper-{name}.service"
    most = str(round(EXPOSURE[name] * 10))
    found = analyze("security", "--offline=yes", "--no-pager", f"--threshold={most}", str(path))
    said = found.stdout.strip().splitlines()[-1]
    with capsys.disabled():
        sys.stdout.write(f"\n{said}, at most {EXPOSURE[name]}\n")
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("name", EXPOSURE)
def test_a_service_is_watched_and_started_again_for_ever(name: str) -> None:
    found = unit(f"storekeeper-{name}.service")
    assert found["Unit"]["StartLimitIntervalSec"] == "0"
    service = found["Service"]
    assert service["Type"] == "notify"
    assert service["Restart"] == "always"
    assert {"WatchdogSec", "MemoryHigh", "MemoryMax", "TasksMax", "LimitNOFILE"} <= set(service)


def test_every_service_has_a_user_of_its_own() -> None:
    users = [unit(f"storekeeper-{name}.service")["Service"]["User"] for name in EXPOSURE]
    assert len(set(users)) == len(users)


def test_the_stores_key_is_the_gateways_alone() -> None:
    handed = {
        name: re.findall("LoadCredential.*", (UNITS / f"storekeeper-{name}.service").read_text()) for name in EXPOSURE
    }
    assert [name for name, secrets in handed.items() if any("store.key" in each for each in secrets)] == ["gateway"]
    assert not any("/secrets/gateway/" in each for name, found in handed.items() if name != "gateway" for each in found)


@pytest.mark.parametrize("path", sorted(UNITS.glob("*.service")), ids=lambda path: path.stem)
def test_a_secret_is_handed_over_whether_it_is_sealed_or_not(path: Path) -> None:
    """A unit does not start where one of its credentials is missing and nothing stands in for it."""
    text = path.read_text()
    clear = re.findall(r"^LoadCredential=([^:]+):(.+)$", text, re.MULTILINE)
    sealed = re.findall(r"^LoadCredentialEncrypted=([^:]+):(.+)$", text, re.MULTILINE)
    assert sealed == [(f"{name}.cred", f"{place}.cred") for name, place in clear]
    assert re.findall(r"^SetCredential=(.+):\\n$", text, re.MULTILINE) == [
        name for pair in zip(clear, sealed, strict=True) for name, _ in pair
    ]
