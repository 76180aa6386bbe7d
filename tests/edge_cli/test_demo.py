"""`storekeeper demo` as a person runs it: the whole store, all of its real processes, without the kiosk's window."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import psutil
import pytest

from edge.cli.demo.supervisor import answers
from edge.settings.settings import load
from tests.command import storekeeper
from tests.conftest import free_port

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "config"
STOPS_WITHIN = 120.0
"""Seconds; the supervisor promises about five, and this machine may be busy."""


class Demo:
    """A demo in a process of its own, on ports that nobody else has."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.data = folder / "data"
        self.said = folder / "said.txt"
        self.options = options
        if not self.data.exists():
            self.data.mkdir()
            names = ("http", "broker", "cloud", "internet")
            (self.data / "demo.json").write_text(json.dumps({name: free_port() for name in names}))

    def __enter__(self) -> Self:
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge.cli", "demo", "--config", str(EXAMPLE), "--data", str(self.data),
                 "--no-kiosk", *self.options],
                stdout=said, stderr=subprocess.STDOUT, env={**os.environ, "COLUMNS": "200"},
            )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        for process in [*self.children().values(), psutil.Process(self.process.pid)] if self.alive else []:
            process.kill()
        self.process.wait()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def text(self) -> str:
        return self.said.read_text("utf-8")

    @property
    def port(self) -> int:
        """Of the store page, as it was printed."""
        found = re.search(r"http://localhost:(\d+)", self.text)
        assert found, self.text
        return int(found[1])

    def opened(self) -> Self:
        until(lambda: "is open" in self.text or not self.alive, 300)
        assert self.alive, self.text
        return self

    def children(self) -> dict[str, psutil.Process]:
        """By what each of them does."""
        found = {}
        for process in psutil.Process(self.process.pid).children():
            try:
                words = process.cmdline()
            except psutil.NoSuchProcess:  # It just died; the supervisor is about to notice.
                continue
            if len(words) < 4:  # Just forked: it has not become what it will be.
                continue
            found["broker" if "edge.bus.brokers" in words or "mosquitto" in words[0] else words[3]] = process
        return found

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOPS_WITHIN)


def until(condition: Callable[[], bool], within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def lives(process: psutil.Process) -> bool:
    """Zombies do not: nobody but the init process of this machine can bury them."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def _parts(require: Callable[[str], None]) -> None:
    require("iotcore")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with Demo(tmp_path) as started:
        yield started.opened()


def test_it_opens_refuses_a_second_one_heals_and_goes_on_with_its_data(demo: Demo, tmp_path: Path) -> None:
    assert get(demo.port, "/")[0] == 200
    assert set(demo.children()) == {"broker", "cloud", "sync", "run", "devices"}
    shown = {each.sha256 for each in load(demo.data / "config").playing.media.values()}
    until(lambda: {path.name for path in (demo.data / "media").glob("*")} == shown)

    second = storekeeper("demo", "--config", EXAMPLE, "--data", demo.data, COLUMNS="300")
    assert second.returncode == 1
    assert f"A demo is already running on {demo.data}: http://localhost:{demo.port}, process" in second.stdout

    first = demo.children()["run"]
    first.kill()
    until(lambda: demo.children().get("run", first) != first)
    until(lambda: answers(demo.port, "/readyz"))
    assert "gateway stopped (killed by SIGKILL); starting it again" in demo.text

    port, children = demo.port, list(demo.children().values())
    assert demo.interrupt() == 0
    assert not any(map(lives, children))
    key = (demo.data / "secrets" / "store.key").read_bytes()

    with Demo(tmp_path) as again:
        assert again.opened().port == port
        assert (again.data / "secrets" / "store.key").read_bytes() == key
        assert again.interrupt() == 0


def test_its_secrets_are_private_and_no_process_outlives_a_supervisor_that_is_killed(demo: Demo) -> None:
    private = [*(demo.data / "secrets").iterdir(), demo.data / "config" / "gateway.toml"]
    assert {path.name for path in private} >= {"store.key", "stores.toml", "gateway.toml"}
    assert len(private) == 5
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}

    children = list(demo.children().values())
    assert len(children) == 5
    demo.process.kill()
    demo.process.wait()
    until(lambda: not any(map(lives, children)))

    # looked at last: while the store runs, files that are written anew come and go
    everything = [demo.data, *demo.data.rglob("*")]
    assert {path.name: oct(path.stat().st_mode) for path in everything if path.stat().st_mode & 0o077} == {}


BOUGHT = ("cart.returned.v1", "coupon.claimed.", "order.paid.v1", "points.booked.v1", "order.handed_over.v1")


def test_shoppers_use_the_store_until_it_closes(tmp_path: Path) -> None:
    with Demo(tmp_path, "--shoppers", "6", "--seed", "7") as demo:
        demo.opened()
        journal = ["journal", "tail", "-n", "100000", "--config", str(demo.data / "config")]

        def facts() -> str:
            return storekeeper(*journal).stdout

        until(lambda: (said := facts()) and all(found in said for found in BOUGHT), 600)
        assert demo.interrupt() == 0
        assert "what the shoppers did" in demo.text
        assert re.search(r"carts unlocked +[1-9]", demo.text)
        assert re.search(r"baskets paid +[1-9]", demo.text)
        assert "internal" not in demo.text


def test_it_runs_on_mosquitto_with_passwords(tmp_path: Path, require: Callable[[str], None]) -> None:
    require("mosquitto")
    with Demo(tmp_path, "--broker", "mosquitto") as demo:
        demo.opened()
        until(lambda: online(demo) == 19)
        assert demo.interrupt() == 0


def online(demo: Demo) -> int:
    store = json.loads(get(demo.port, "/api/v1/store")[1])
    return sum(bool(device["online"]) for device in store["devices"])


def test_a_demo_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    config = Path(shutil.copytree(EXAMPLE, tmp_path / "config"))
    (config / "gateway.toml").write_text("prot = 1")
    done = storekeeper("demo", "--config", config, "--data", tmp_path / "data")
    assert done.returncode == 2
    assert 'unknown key "prot"' in done.stderr
