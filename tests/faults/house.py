"""A whole store as processes of its own that can be killed and started again one by one, at any moment."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import requests

from edge.bus import brokers
from edge.secrets import cloud_access
from edge.secrets.credentials import prepare
from edge.settings.bounds import wide
from edge.settings.settings import Settings, load
from tests.conftest import free_port, need

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[2]
CARTS = tuple(f"cart-{number:02d}" for number in range(1, 13))
PATIENCE_S = 240.0
"""Five processes begin at once, and a busy machine has other things to do."""
STORE_ID, TOKEN = "s001", "the-stores-token"
PLENTY, SCARCE, STOCK = "plenty", "scarce", 25
T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float = PATIENCE_S, what: Callable[[], str] = lambda: "it") -> T:
    """What the condition gives as soon as it is true; fails after so many seconds, saying how things stand."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what()}"
        time.sleep(0.05)
    return found


class Part:
    """One process. It dies with the test, however that ends."""

    def __init__(self, name: str, argv: Sequence[str], logs: Path) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self._argv = list(argv)
        if tie := shutil.which("setpriv"):
            self._argv = [tie, "--pdeathsig", "KILL", "--", *argv]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def ended_by_itself(self) -> int | None:
        """The exit code of a process that nobody stopped."""
        return self._process.poll() if self._process else None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        # Whoever listens for signs of life listens to the gateway.
        deaf = () if self.name == "gateway" else ("NOTIFY_SOCKET", "WATCHDOG_USEC")
        own = {name: value for name, value in os.environ.items() if name not in deaf}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, env=own
            )

    def kill(self) -> None:
        """kill -9, at whatever it is doing."""
        self.end(signal.SIGKILL, 10)

    def end(self, number: int = signal.SIGTERM, patience: float = 8.0) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class House:
    """Broker, gateway, sync, cloud and the floor with its carts. Use as a context; nothing outlives it."""

    def __init__(
        self, folder: Path, broker: str = "mosquitto", *, ttl_ms: int = 1500, seed: str = "", data: Path | None = None
    ) -> None:
        """`seed` gives the locks their moods; without one they all work at once. `data` is the gateway's disk."""
        need("iotcore" if broker == "embedded" else "mosquitto")
        self.http, self._broker, self._cloud = (free_port() for _ in range(3))
        self.folder, self.data, self.ttl_ms = folder, data or folder / "data", ttl_ms
        self.floor = folder / "floor"
        """What the carts remember, and what physically happened to them; the cloud has a disk of its own too."""
        self.base = f"http://127.0.0.1:{self.http}"
        self.config = folder / "config"
        self._write_settings()
        prepare(self.data, ["gateway", *CARTS])
        cloud_access.admit(folder / "cloud", STORE_ID, TOKEN)
        self.parts = {part.name: part for part in self._make(broker, seed)}

    def _write_settings(self) -> None:
        self.config.mkdir(parents=True)
        (self.config / "store.toml").write_text(STORE + wide(), encoding="utf-8")
        (self.config / "devices.toml").write_text("".join(CART.format(cart) for cart in CARTS), encoding="utf-8")
        box = {"data": str(self.data), "public_url": self.base, "unlock_ttl_ms": self.ttl_ms, "demo": True}
        lines = [f"{key} = {json.dumps(value)}" for key, value in box.items()]
        lines += ["[http]", 'host = "127.0.0.1"', f"port = {self.http}"]
        lines += ["[broker]", 'kind = "external"', f'url = "mqtt://127.0.0.1:{self._broker}"']
        lines += ["[cloud]", f'url = "http://127.0.0.1:{self._cloud}"', f'token = "{TOKEN}"']
        (self.config / "gateway.toml").write_text("\n".join(lines), encoding="utf-8")

    def _make(self, broker: str, seed: str) -> list[Part]:
        place, port = self.folder / "broker", self._broker
        made = brokers.embedded(port, place) if broker == "embedded" else brokers.mosquitto(port, place, None)
        command = [sys.executable, "-m", "edge.cli"]
        config = ["--config", str(self.config)]
        cloud = ["cloud", "run", "--port", str(self._cloud), "--data", str(self.folder / "cloud"), *config]
        floor = ["-m", "tests.faults.floor", str(port), str(self.floor), seed, *CARTS]
        return [
            Part("broker", made.prepare(), self.folder),
            Part("cloud", [*command, *cloud], self.folder),
            Part("gateway", [*command, "run", *config], self.folder),
            Part("sync", [*command, "sync", "run", *config], self.folder),
            Part("floor", [sys.executable, *floor], self.folder),
        ]

    @property
    def broker_port(self) -> int:
        return self._broker

    @property
    def settings(self) -> Settings:
        return load(self.config)

    def __enter__(self) -> Self:
        for part in self.parts.values():
            part.start()
        return self

    def __exit__(self, *_: object) -> None:
        for part in reversed(self.parts.values()):
            part.end()

    def get(self, path: str, **headers: str) -> requests.Response | None:
        """The gateway's answer, or none where it gives none."""
        try:
            return requests.get(self.base + path, headers=headers, timeout=60)
        except requests.RequestException:
            return None

    def open(self) -> bool:
        """Whether the store serves shoppers and every cart is there."""
        answer = self.get("/readyz")
        return answer is not None and answer.ok and self.rows("SELECT 1 FROM devices WHERE online=0") == []

    def code(self, touchpoint: str) -> str:
        answer = self.get(f"/api/v1/touchpoints/{touchpoint}/code")
        assert answer is not None
        return str(answer.json()["code"])

    def ground(self, cart: str) -> Path:
        """The file that says what physically happened to a cart."""
        return self.floor / cart / "ground.ndjson"

    def moves(self) -> int:
        """How often a lock opened so far."""
        return sum(file.read_bytes().count(b'"actuated"') for cart in CARTS if (file := self.ground(cart)).exists())

    def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
        """Of the journal's file, which lives longer than the gateway."""
        return read(self.data / "storekeeper.db", sql, *params)

    def received(self, sql: str) -> list[dict[str, Any]]:
        """Of the cloud's file."""
        return read(self.folder / "cloud" / "cloud.db", sql)

    def arrived(self) -> int:
        """How many facts the cloud has."""
        with contextlib.suppress(sqlite3.OperationalError):  # it has not made its file yet
            return self.received("SELECT max(cursor) AS n FROM streams")[0]["n"] or 0
        return 0

    def acknowledged(self) -> int:
        """How many facts the cloud has, as sync tells people."""
        path = self.data / "sync.json"
        return int(json.loads(path.read_bytes())["acked"]) if path.exists() else 0

    def last_words(self) -> str:
        """The end of each log, for the report of a failure."""
        return "\n".join(
            f"--- {part.name}\n" + "\n".join(part.log.read_text(errors="replace").splitlines()[-8:])
            for part in self.parts.values()
            if part.log.exists()
        )


def read(path: Path, sql: str, *params: object) -> list[dict[str, Any]]:
    """Rows of somebody else's SQLite file, only looking."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=60)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(sql, params)]
    finally:
        connection.close()


STORE = f"""
[store]
id = "{STORE_ID}"
[store.name]
zh-CN = "鲜汇生活"
en = "Fresh Life"
[[zones]]
id = "entrance"
name = {{ zh-CN = "入口", en = "Entrance" }}
plan = [0, 0, 10, 10]
[[touchpoints]]
id = "poster-door"
purpose = "enter"
zone = "entrance"
label = {{ zh-CN = "海报", en = "Poster" }}
at = [1, 1]
[[touchpoints]]
id = "shelf"
purpose = "shelf"
zone = "entrance"
label = {{ zh-CN = "货架", en = "Shelf" }}
at = [2, 1]
[[coupons]]
id = "{PLENTY}"
zone = "entrance"
title = {{ zh-CN = "牛奶", en = "Milk" }}
subtitle = {{ zh-CN = "一升", en = "One litre" }}
price = 1290
was = 1980
stock = 1000000
[[coupons]]
id = "{SCARCE}"
zone = "entrance"
title = {{ zh-CN = "面包", en = "Bread" }}
subtitle = {{ zh-CN = "一个", en = "One" }}
price = 290
was = 980
stock = {STOCK}
"""

CART = """
[[devices]]
id = "{0}"
kind = "cart"
zone = "entrance"
label = {{ zh-CN = "购物车", en = "Cart" }}
at = [3, 3]
"""
