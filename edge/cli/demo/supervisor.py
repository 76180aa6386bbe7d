"""Starts the processes of a demo in order, watches them, and stops them in the opposite order."""

from __future__ import annotations

import asyncio
import http.client
import signal
import sys
import time
from collections.abc import Sequence

from edge.bus.brokers import embedded, mosquitto
from edge.cli.demo.child import Child, Told
from edge.cli.demo.demo_folder import DemoFolder, DemoOptions
from edge.cli.demo.internet import Internet
from edge.secrets.credentials import passwords
from edge.secrets.store_key import LOST_EXIT

READY_WITHIN = 60.0
"""Seconds until the store page must answer."""
STOP_WITHIN = (1.5, 1.5, 1.0, 1.0)
"""Seconds that each group of processes has to stop by itself: those at the shoppers' side first, the broker last."""

KIOSK_SCREEN = "screen-baby"
NO_WINDOW = 69
"""The exit code of a kiosk that finds no way to draw."""


class Supervisor:
    """The demo in `place`. `tell` gets a sentence whenever something happens that a person should know."""

    def __init__(self, place: DemoFolder, store: str, wishes: DemoOptions, tell: Told) -> None:
        self._place = place
        self._tell = tell
        self._internet = Internet(place.cut, place.ports.cloud)
        self.groups = self._children(store, with_kiosk=wishes.kiosk)
        self._stop = asyncio.Event()

    @property
    def children(self) -> list[Child]:
        """In the order in which they start."""
        return [child for group in reversed(self.groups) for child in group]

    def _children(self, store: str, *, with_kiosk: bool) -> Sequence[Sequence[Child]]:
        """In the order in which they stop."""
        place, config = self._place, ["--config", str(self._place.config)]
        argv = broker_argv(place, store)
        broker = [Child("broker", argv, place.logs, self._tell)] if argv else []
        cloud = self._child("cloud", "cloud", "run", "--port", str(place.ports.cloud), *config)
        sync = self._child("sync", "sync", "run", *config)
        gateway = self._child("gateway", "run", *config)
        gateway.give_up(
            LOST_EXIT, f"The store's key is lost, so the gateway stays away: {gateway.log} says what to do."
        )
        without = ["--without", KIOSK_SCREEN] if with_kiosk else []
        shop = [self._child("devices", "devices", "run", *without, *config)]
        if with_kiosk:
            kiosk = self._child("kiosk", "kiosk", "run", "--device", KIOSK_SCREEN, "--offscreen", *config)
            kiosk.give_up(NO_WINDOW, f"No touch screen: {kiosk.log} says what is missing. The rest goes on.")
            shop.append(kiosk)
        return shop, [sync, gateway], [cloud], broker

    def _child(self, name: str, *arguments: str) -> Child:
        return Child(name, [sys.executable, "-m", "edge.cli", *arguments], self._place.logs, self._tell)

    async def start(self) -> bool:
        """Start everything; whether the store page answered in time."""
        self._place.cut.unlink(missing_ok=True)  # A demo begins with its internet on.
        await self._internet.start(self._place.ports.internet)
        for child in self.children:
            child.start()
        return await self._ready()

    async def run(self) -> None:
        """Until a signal, or `ask_to_stop`."""
        await self._stop.wait()

    @property
    def stopping(self) -> bool:
        """Whether somebody asked for it."""
        return self._stop.is_set()

    def ask_to_stop(self) -> None:
        self._stop.set()

    def listen_to_signals(self) -> None:
        """Ctrl-C, a service manager and a closed terminal all stop the demo in order."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.ask_to_stop)

    async def stop(self) -> None:
        """Within the sum of `STOP_WITHIN`, whatever the processes do."""
        for group, patience in zip(self.groups, STOP_WITHIN, strict=True):
            await asyncio.gather(*(child.stop(patience) for child in group))
        await self._internet.stop()
        self._place.cut.unlink(missing_ok=True)

    async def _ready(self) -> bool:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline and not self._stop.is_set():
            if await asyncio.to_thread(answers, self._place.ports.http, "/readyz"):
                return True
            await asyncio.sleep(0.1)
        return False


def broker_argv(place: DemoFolder, store: str) -> list[str]:
    """How to start the broker; nothing where it runs already. Raises `BrokerError` where it cannot be started."""
    folder, port = place.data / "broker", place.ports.broker
    if place.broker == "mosquitto":
        return mosquitto(port, folder, passwords(place.data), store=store).prepare()
    return embedded(port, folder).prepare() if place.broker == "embedded" else []


def answers(port: int, path: str) -> bool:
    """Whether a server on this machine says 200 there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
