"""A running store with screens of its own: kiosks as processes with real windows, and agents without a window."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec
import paho.mqtt.client as mqtt

from device_drivers.agent import Agent, Link
from device_drivers.contract.playlists import PictureItem, Playlist, TodayItem
from device_drivers.screens.simulated import Driver, Settings
from tests.web.running import RunningStore

if TYPE_CHECKING:
    from pathlib import Path

    from edge.bus.brokers import Broker
    from edge.settings.settings import Settings as StoreSettings

POSTER = "breakfast-zh.jpg"
RUN = """
import sys
from pathlib import Path
from kiosk_ui.app import Options, run
from kiosk_ui.session import House
house = House({"en": "Fresh Life", "zh-CN": "鲜汇生活"}, ("zh-CN", "en"))
options = Options(device=sys.argv[1], port=int(sys.argv[2]), folder=Path(sys.argv[3]), offscreen=True, house=house)
sys.exit(run(options))
"""


class ScreenStore(RunningStore):
    """The example store with as many screens as are named, which all play one poster, all day."""

    screens: tuple[str, ...] = ()

    def _settings(self) -> StoreSettings:
        found = super()._settings()
        model = next(each for each in found.devices if each.kind == "screen")
        screens = tuple(model.model_copy(update={"id": name, "zone": "baby"}) for name in self.screens)
        sha256 = next(each for each, name in found.playing.names.items() if name == POSTER)
        poster = PictureItem(id="poster", ms=600_000, media={"zh-CN": sha256})
        lists = (
            Playlist(id="poster", priority=50, items=(poster,)),
            Playlist(id="else", items=(TodayItem(id="today"),)),
        )
        playing = msgspec.structs.replace(found.playing, playlists=lists)
        box = found.gateway.model_copy(update={"public_url": self.base})
        return found.model_copy(update={"devices": screens, "playing": playing, "gateway": box, "touchpoints": ()})


def screen_store(broker: Broker, folder: Path, screens: tuple[str, ...]) -> ScreenStore:
    """Not started."""
    kind = type("Store", (ScreenStore,), {"screens": screens})
    return kind(broker, folder, ())  # type: ignore[no-any-return]


def kiosk(name: str, port: int, folder: Path) -> subprocess.Popen[bytes]:
    """A kiosk's own process."""
    folder.mkdir(parents=True, exist_ok=True)
    log = (folder / "log").open("ab")
    return subprocess.Popen([sys.executable, "-c", RUN, name, str(port), str(folder)], stdout=log, stderr=log)


def leave(process: subprocess.Popen[bytes]) -> None:
    """Ends it in order."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def agent(name: str, port: int, folder: Path) -> Agent:
    """A screen without a window, started."""
    folder.mkdir(parents=True, exist_ok=True)
    found = Agent(name, Driver(Settings(), folder), Link("127.0.0.1", port, "s001", name), folder)
    found.start()
    return found


class Applied:
    """Listens to what screens confirm."""

    def __init__(self, port: int) -> None:
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._heard: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self._client.on_message = lambda _c, _u, m: self._heard.put((m.topic.split("/")[2], json.loads(m.payload)))
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("sk/s001/+/applied", 1)
        self._client.loop_start()
        subscribed.wait(60)

    def after(self, revision: int, screens: set[str], seconds: float = 60) -> dict[str, int]:
        """The revision that each of these has applied, the first that is later than `revision`."""
        found: dict[str, int] = {}
        while set(found) != screens:
            name, body = self._heard.get(timeout=seconds)
            assert "error" not in body, body
            if name in screens and body["revision"] > revision:
                found.setdefault(name, body["revision"])
        return found

    def each_after(self, revision: int, screens: set[str], seconds: float = 60) -> dict[str, float]:
        """When each of these had applied something later than `revision`, by the wall clock."""
        found: dict[str, float] = {}
        while set(found) != screens:
            name, body = self._heard.get(timeout=seconds)
            if name in screens and body["revision"] > revision:
                found.setdefault(name, time.time())
        return found

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
