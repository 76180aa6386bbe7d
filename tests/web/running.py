"""A running store for tests: the real gateway behind the web server, and simulated devices on a real broker."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import requests
import uvicorn

from device_drivers.host import Host, Links, entries
from edge.bootstrap.gateway import open_gateway
from edge.domain.coupons.facts import CouponOffered
from edge.domain.devices.facts import DeviceEnrolled, DeviceRetired
from edge.gateway.flap_filter import FlapFilter, Limit
from edge.journal.transaction import open_readonly
from edge.web.app import create_apps
from edge.web.server.listeners import configured
from tests.example import CONFIG, of_any_day

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

    from fastapi import FastAPI

    from edge.bus.brokers import Broker
    from edge.gateway.gateway import Gateway
    from edge.journal.entry import Fact
    from edge.settings.bounds import BoundsSettings
    from edge.settings.settings import Settings
    from operations.floor.workshop import Workshop

PATIENCE = 60.0
QUICK: Final = Limit(most=100_000, within_s=120.0, every_s=10.0)
"""Tests use a door more often than any hands, which is no flapping."""

T = TypeVar("T")


def wait(condition: Callable[[], T], patience: float = PATIENCE) -> T:
    """What the condition gives as soon as it is true; fails after `patience` seconds."""
    until = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < until, f"still not so after {patience} s"
        time.sleep(0.02)
    return found


class _Connections:
    """A connection for each thread that reads. On one of all, a test waits for Python's lock within a function that
    SQLite calls, and the gateway, which has that lock, for SQLite's: neither goes on.
    """

    def __init__(self, gateways: sqlite3.Connection, path: Path) -> None:
        self._path = path
        self._of = threading.local()
        self._of.this = gateways

    def execute(self, sql: str, params: Sequence[Any] = ()) -> sqlite3.Cursor:
        if not hasattr(self._of, "this"):
            self._of.this = open_readonly(self._path)
        return self._of.this.execute(sql, params)  # type: ignore[no-any-return]

    def close(self) -> None:
        self._of.this.close()


class RunningStore:
    """`base` is its address. `devices` are those that run; the others of the example store stay offline."""

    def __init__(
        self,
        broker: Broker,
        data: Path,
        devices: tuple[str, ...],
        bounds: BoundsSettings | None = None,
        *,
        demo: bool = True,
        apart: bool = False,
    ) -> None:
        self.data = data
        self._demo = demo
        self._apart = apart
        self._bounds = bounds
        self._broker = broker
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._within = socket.create_server(("127.0.0.1", 0))
        self.within = f"http://127.0.0.1:{self._within.getsockname()[1]}"
        """The address of the inside, where it is apart."""
        self.settings = self._settings()
        self._devices = devices
        self._host = Host(Links("127.0.0.1", int(broker.url.rpartition(":")[2]), self.settings.store.id), data)
        self._running = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="store")
        self.gateway: Gateway
        self._servers: list[uvicorn.Server]
        self.apps: list[FastAPI]
        self._loop: asyncio.AbstractEventLoop

    def _settings(self) -> Settings:
        settings = of_any_day()
        broker = settings.gateway.broker.model_copy(update={"url": self._broker.url})
        box = settings.gateway.model_copy(
            update={
                "data": self.data,
                "broker": broker,
                "demo": self._demo,
                "public_url": None,
                "unlock_ttl_ms": 30_000,
            }
        )
        return settings.model_copy(update={"gateway": box, "bounds": self._bounds or settings.bounds})

    def workshop(self) -> Workshop | None:
        """What its setup page may ask of the box."""
        return None

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with open_gateway(self.settings, workshop=self.workshop()) as gateway:
            self.gateway = gateway
            reads: Any = gateway.reads
            reads._connection = _Connections(reads._connection, gateway.journal.path)
            for live in gateway.devices.ingest.live.values():
                live.observed = FlapFilter(QUICK)
            self.apps = create_apps(gateway.parts, apart=self._apart)
            self._servers = [uvicorn.Server(configured(app)) for app in self.apps]
            self._running.set()
            async with asyncio.TaskGroup() as group:
                for server, each in zip(self._servers, (self._socket, self._within), strict=False):
                    group.create_task(server.serve(sockets=[each]))

    def start(self) -> None:
        """Returns when every device is there."""
        self._thread.start()
        assert self._running.wait(PATIENCE)
        known = entries(CONFIG / "devices.toml")
        self._host.start([device for device in known if getattr(device, "id", "") in self._devices])
        wait(self._all_online)

    def _all_online(self) -> bool:
        here = [view for view in self.gateway.devices.views() if view.id in self._devices]
        return all(view.online and view.state for view in here)

    def stop(self) -> None:
        """Everything stops, the devices first."""
        self._host.stop()
        for server in self._servers:
            server.should_exit = True
        self._thread.join(PATIENCE)

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs it where the gateway lives."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    def code(self, touchpoint: str) -> str:
        """What stands on the sticker."""
        return self.gateway.lookup.codes.static(touchpoint)

    def shown(self, coupon: str, touchpoint: str = "screen-baby", ago_s: float = 0) -> str:
        """What the screen shows for a coupon, or showed some seconds ago."""
        return self.gateway.lookup.codes.rotating(touchpoint, coupon, int((time.time() - ago_s) * 1000))

    def act(self, device: str, action: str) -> None:
        """Lets something happen to a simulated device; returns when the device has taken it."""
        requests.post(f"{self.base}/api/v1/demo/devices/{device}/{action}", timeout=60).raise_for_status()
        wait(lambda: not (self.data / "devices" / device / "world" / action).exists())

    def use_door(self, bank: str, door: str, what: Literal["fill", "empty"]) -> None:
        """Somebody fills or empties a locker as soon as its door stands open, and shuts it."""
        wait(lambda: self.gateway.reads.one("SELECT 1 FROM doors WHERE bank=? AND door=? AND shut='open'", bank, door))
        self.act(bank, f"{what}-{door}")
        self.act(bank, f"close-{door}")

    def bring_back(self, cart: str) -> None:
        """Lets a cart that is out come home, once its dock has been seen empty; returns when the store knows of it."""
        out = "SELECT state, left_dock FROM carts WHERE cart=?"
        wait(lambda: (row := self.gateway.reads.one(out, cart)) is not None and (row["left_dock"] or self.docked(cart)))
        self.act(cart, "return")
        wait(lambda: self.docked(cart))

    def docked(self, cart: str) -> bool:
        """Whether the cart can be granted."""
        row = self.gateway.reads.one("SELECT state FROM carts WHERE cart=?", cart)
        return row is not None and row["state"] == "docked"

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        """What every fact of a type says, in order."""
        rows = self.gateway.reads.all("SELECT body FROM entries WHERE type=? ORDER BY sequence", kind)
        return [json.loads(row["body"]) for row in rows]

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """Every fact of a type, as the journal's API shows it."""
        lines: list[dict[str, Any]] = []
        while True:
            after = lines[-1]["sequence"] if lines else 0
            more = requests.get(f"{self.base}/api/v1/journal?after={after}&limit=500", timeout=60).json()["entries"]
            if not more:
                return [line for line in lines if line["type"] == kind]
            lines += more

    def offer(self, **coupon: Any) -> None:
        """Adds a coupon beside those of the settings."""
        self._note(CouponOffered(**coupon))

    def place_screen(self, screen: str, bank: str | None) -> None:
        """Lets a screen stand at a bank; at none it is the store's no more."""
        label = {"zh-CN": screen, "en": screen, "de": screen}
        at_bank = DeviceEnrolled(screen, "screen", "checkout", label, (27.0, 15.0), bank)
        self._note(at_bank if bank else DeviceRetired(screen))

    def _note(self, fact: Fact) -> None:
        def add(tx: Any) -> None:
            tx.emit(fact)

        self.do(self.gateway.decide(add))


def _well_set(page: requests.Response, **_: object) -> None:
    """Every page that a test looks at: Chinese leaves no space behind a stop, German writes a comma before decimals."""
    language = page.headers.get("Content-Language")
    if language == "zh-CN":
        assert re.findall(".{0,20}[。！？，；：、] .{0,20}", page.text) == [], page.url
    elif language == "de":
        shown = re.sub(r"<(style|script|svg)\b.*?</\1>", "", page.text, flags=re.DOTALL)
        assert re.findall(r".{0,20}\d\.\d+\s?%.{0,9}", re.sub("<[^>]*>", "", shown)) == [], page.url


class Shopper(requests.Session):
    """A phone's browser without a script."""

    def __init__(self, store: RunningStore, language: str = "en") -> None:
        super().__init__()
        self.store = store
        self.headers.update({"Accept-Language": language, "Accept": "text/html"})
        self.hooks["response"].append(_well_set)

    def scan(self, code: str) -> requests.Response:
        """A page that is shown: a browser without a script loads its picture."""
        page = self.get(f"{self.store.base}/t/{code}", timeout=60)
        if shown := re.search(r'<noscript><img src="([^"]+)"', page.text):
            self.get(f"{self.store.base}{shown[1]}", timeout=60).raise_for_status()
        return page

    def fill(self, code: str, **form: str) -> requests.Response:
        """A form of the page."""
        form.setdefault("request", str(uuid.uuid4()))
        return self.post(f"{self.store.base}/t/{code}", data=form, timeout=60)

    def register(self, code: str, phone: str | None = None, **form: str) -> requests.Response:
        return self.fill(code, do="register", phone=phone or new_phone(), service="yes", **form)

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        return self.request(
            method, f"{self.store.base}{path}", json=body, headers={"Accept": "*/*", **headers}, timeout=60
        )

    def unlock(self, cart: str, request: str | None = None, **headers: str) -> requests.Response:
        body = {"code": self.store.code(cart), "request": request or str(uuid.uuid4())}
        return self.api("POST", "/api/v1/carts/unlock", body, **headers)


class Colleague(requests.Session):
    """Somebody of the staff at a browser without a script."""

    def __init__(self, store: RunningStore, language: str = "en") -> None:
        super().__init__()
        self.store = store
        self.headers.update({"Accept-Language": language, "Accept": "text/html"})

    def come(self, name: str = "li", pin: str = "2580") -> requests.Response:
        return self.post(f"{self.store.base}/staff/login", data={"staff": name, "pin": pin}, timeout=60)

    def page(self) -> str:
        return self.get(f"{self.store.base}/staff", timeout=60).text

    def does(self, do: str, target: str, request: str | None = None, **more: str) -> requests.Response:
        form = {"do": do, "target": target, "request": request or str(uuid.uuid4()), **more}
        return self.post(f"{self.store.base}/staff/act", data=form, timeout=60)


def new_phone() -> str:
    """A valid mobile number that nobody has yet."""
    return f"138{uuid.uuid4().int % 10**8:08d}"
