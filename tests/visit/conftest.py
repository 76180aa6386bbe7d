"""A whole demo store on Mosquitto, in all of its real processes, and phones in real Chromium."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.browser.conftest import close
from tests.conftest import free_port, need
from tests.faults.house import ROOT, Part, read, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}


class Demo:
    """The running store. `base` is the address that `storekeeper demo` printed."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self.ports = {name: free_port() for name in ("http", "broker", "cloud", "internet")}
        (self.data / "demo.json").write_text(json.dumps(self.ports))
        self.base = f"http://localhost:{self.ports['http']}"
        argv = [sys.executable, "-m", "edge.cli", "demo", "--broker", "mosquitto", "--no-kiosk"]
        argv += ["--config", str(ROOT / "config"), "--data", str(self.data)]
        self._process = Part("demo", argv, folder)

    def start(self) -> None:
        """Returns when the store is open and every device is there."""
        self._process.start()
        until(self._open, 300, lambda: self._process.log.read_text(errors="replace"))

    def stop(self) -> None:
        self._process.end(patience=15)

    def _open(self) -> bool:
        assert self._process.ended_by_itself is None, self._process.log.read_text(errors="replace")
        try:
            devices = requests.get(f"{self.base}/api/v1/devices", timeout=60).json()
        except requests.RequestException:
            return False
        return all(device["online"] for device in devices)

    def code(self, touchpoint: str) -> str:
        """The address on a sticker."""
        code = requests.get(f"{self.base}/api/v1/touchpoints/{touchpoint}/code", timeout=60).json()["code"]
        return f"{self.base}/t/{code}"

    def screen(self, device: str) -> list[dict[str, Any]]:
        """The coupons that a screen shows now: it keeps the retained `desired` that it was sent."""
        shown = json.loads((self.data / "devices" / device / "shown.json").read_bytes())
        coupons: list[dict[str, Any]] = shown["coupons"]
        return coupons

    def act(self, device: str, action: str) -> None:
        """Lets something happen to a simulated device; returns when it has."""
        requests.post(f"{self.base}/api/v1/demo/devices/{device}/{action}", timeout=60).raise_for_status()
        until(lambda: not (self.data / "devices" / device / "world" / action).exists(), 60)

    def bring_back(self, cart: str) -> None:
        """The shopper has pulled the cart out, and pushes it back."""
        until(lambda: self.rows("SELECT 1 FROM carts WHERE cart=? AND NOT docked", cart), 60)
        self.act(cart, "return")
        until(lambda: self.rows("SELECT 1 FROM carts WHERE cart=? AND state='docked'", cart), 60)

    def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
        return read(self.data / "storekeeper.db", sql, *params)

    def received(self, sql: str) -> list[dict[str, Any]]:
        return read(self.data / "cloud.db", sql)

    def queue(self) -> int:
        """How many facts the cloud does not have."""
        last: int = self.rows("SELECT max(sequence) AS n FROM entries")[0]["n"]
        return last - int(self.received("SELECT max(cursor) AS n FROM streams")[0]["n"] or 0)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    need("mosquitto")
    need("chromium")
    started = Demo(tmp_path_factory.mktemp("visit"))
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page("en", **PHONE)`: a page in a browser that nobody has used. A script error on any of them fails."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def new(language: str, **options: Any) -> Page:
        context = browser.new_context(locale=language, **options)
        context.set_default_timeout(60_000)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        opened.append(context)
        return context.new_page()

    yield new
    for context in opened:
        close(context)
    assert not errors
