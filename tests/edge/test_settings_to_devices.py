"""From a line of `devices.toml` to hardware that moves: the settings as gateway and drivers read and check them,
the host and its agents, a broker, the gateway's own bus, and each driver on an emulation of its hardware.
"""

from __future__ import annotations

import json
import os
import pkgutil
import re
import shutil
import time
import uuid
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

import device_drivers
from device_drivers.contract import (
    Document,
    Identify,
    Instruction,
    NoticeScene,
    Outcome,
    Print,
    Show,
    Snapshot,
    Unlock,
)
from device_drivers.contract.documents import Text
from device_drivers.host import Host, Links, entries
from edge.bootstrap.gateway import open_gateway
from edge.cli.settings_check import check_whole
from edge.settings.settings import load
from tests.device_drivers.locks.kerong_emulator import TcpLine
from tests.device_drivers.locks.waveshare_emulator import ModbusLine
from tests.device_drivers.printers.emulator import Printer, TcpPort
from tests.device_drivers.scanners.test_scanners import Gun, packed, strokes
from tests.edge.conftest import CONFIG, online, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edge.bus.brokers import Broker

GTIN = "4006381333931"
SLIP = Print("job-1", 1, Document((Text("Thank you"),)))
DONE, REFUSED = Outcome.DONE, Outcome.REFUSED
FOUR_DOORS = '{ S = ["01", "02"], M = ["03"], L = ["04"], low = ["04"] }'


class Hall:
    """A store whose settings name one device for each driver, and the hardware that they name."""

    def __init__(self, folder: Path, broker: Broker, stack: ExitStack) -> None:
        folder.mkdir()
        self.kerong_bank = TcpLine(folder, "cu48", (0,)).plug()
        self.kerong_dock = TcpLine(folder, "cu16", (0,)).plug()
        self.waveshare_bank = ModbusLine(folder, (1,)).plug()
        self.waveshare_dock = ModbusLine(folder, (2,)).plug()
        stack.callback(self.kerong_bank.stop)
        stack.callback(self.kerong_dock.stop)
        stack.callback(self.waveshare_bank.unplug)
        stack.callback(self.waveshare_dock.unplug)
        self.printer = Printer()
        self.port = TcpPort(self.printer)
        stack.callback(self.printer.switch_off)
        stack.callback(self.port.close)
        self.gun = Gun(folder)
        self.keyboard = folder / "keyboard"
        os.mkfifo(self.keyboard)
        self.keys = os.open(self.keyboard, os.O_RDWR)
        stack.callback(os.close, self.keys)
        self.film = folder / "film"
        self.film.mkdir()
        self.broker = urlsplit(broker.url)

    def devices(self) -> dict[str, tuple[str, str, str, str]]:
        """By driver: kind, id, settings, and the doors of a bank, as they stand in the file."""
        # As patient as a setting may be: an emulated board is as slow to answer as this machine is.
        quick = "closed_bit = 1, release_s = 30.0, reply_s = 2.0, poll_s = 0.3"
        here = f'host = "{self.broker.hostname}", port = {self.broker.port}'
        return {
            "locks.kerong": (
                "locker",
                "bank-kerong",
                f'url = "{self.kerong_bank.url}", dialect = "cu48", boards = [0], locks = 4, {quick}',
                FOUR_DOORS,
            ),
            "locks.kerong_dock": (
                "cart",
                "cart-kerong",
                f'url = "{self.kerong_dock.url}", dialect = "cu16", lock = "0/7", {quick}',
                "",
            ),
            "locks.waveshare": (
                "locker",
                "bank-waveshare",
                f'url = "{self.waveshare_bank.url}", boards = [1], locks = 4, pulse_ms = 300, {quick}',
                FOUR_DOORS,
            ),
            "locks.waveshare_dock": (
                "cart",
                "cart-waveshare",
                f'url = "{self.waveshare_dock.url}", lock = "2/5", {quick}',
                "",
            ),
            "locks.simulated_cart": ("cart", "cart-simulated", "pull_out_s = 0", ""),
            "locks.simulated_locker": ("locker", "bank-simulated", "doors = 4", FOUR_DOORS),
            "printers.escpos": ("printer", "printer-escpos", f'url = "{self.port.url}", status_s = 10.0', ""),
            "printers.simulated": ("printer", "printer-simulated", "print_s = 0", ""),
            "scanners.serial": ("scanner", "scanner-serial", f'url = "serial://{self.gun.name}?baud=9600"', ""),
            "scanners.hid": ("scanner", "scanner-hid", f'path = "{self.keyboard}", grab = false', ""),
            "scanners.camera": ("scanner", "camera", f'url = "{self.film}", frames_s = 10.0, repeat = true', ""),
            "screens.simulated": ("screen", "screen-simulated", "", ""),
            "beacons.mqtt": ("beacon", "beacons", f'{here}, receivers = {{ pillar = "fresh" }}, tags = {{}}', ""),
        }

    def write(self, config: Path, broker: Broker) -> None:
        """The settings: the example's, with these devices for its own."""
        shutil.copytree(CONFIG, config, ignore=shutil.ignore_patterns("playlists.toml"))
        told = []
        for driver, (kind, device, settings, doors) in self.devices().items():
            told.append(
                f'[[devices]]\nid = "{device}"\nkind = "{kind}"\ndriver = "{driver}"\nzone = "checkout"\n'
                f'label = {{ zh-CN = "设备", en = "{device}" }}\nat = [1.0, 1.0]\nsettings = {{ {settings} }}\n'
            )
            told += [f"bank = {doors}\n"] if doors else []
        (config / "devices.toml").write_text("\n".join(told), "utf-8")
        store = (config / "store.toml").read_text("utf-8")
        # The fixtures of the example are where its own devices stand.
        (config / "store.toml").write_text(re.sub(r"(?m)^device = .*\n", "", store), "utf-8")
        box = (config / "gateway.toml").read_text("utf-8")
        (config / "gateway.toml").write_text(with_broker(box, broker.url), "utf-8")

    def told(self) -> dict[str, tuple[Instruction, Outcome, Callable[[], Any]]]:
        """By device: what the gateway tells it, how that ends, and what the hardware has seen of it then."""
        return {
            "bank-kerong": (Unlock("02"), DONE, lambda: self.kerong_bank.pulses),
            "cart-kerong": (Unlock(), DONE, lambda: self.kerong_dock.pulses),
            "bank-waveshare": (Unlock("03"), DONE, lambda: (1, 0x0202, 3) in self.waveshare_bank.written),
            "cart-waveshare": (Unlock(), DONE, lambda: (2, 0x0204, 5) in self.waveshare_dock.written),
            "cart-simulated": (Unlock(), DONE, lambda: True),
            "bank-simulated": (Unlock("04"), DONE, lambda: True),
            "printer-escpos": (SLIP, DONE, lambda: self.printer.error is None),
            "printer-simulated": (SLIP, DONE, lambda: True),
            "scanner-serial": (Identify(), REFUSED, lambda: True),
            "scanner-hid": (Identify(), REFUSED, lambda: True),
            "camera": (Snapshot(), DONE, lambda: True),
            "screen-simulated": (Show(NoticeScene({"en": "A payment code"})), DONE, lambda: True),
            "beacons": (Identify(), REFUSED, lambda: True),
        }


def with_broker(box: str, url: str) -> str:
    """The text of `gateway.toml`, with this broker for its own."""
    lines = box.splitlines()
    place = lines.index("[broker]")
    lines = [line for number, line in enumerate(lines) if number < place or not line.startswith("url = ")]
    return "\n".join([*lines[: place + 1], f'url = "{url}"', *lines[place + 1 :]]) + "\n"


@pytest.fixture
def hall(require: Callable[[str], None], mosquitto: Broker, tmp_path: Path) -> Iterator[Hall]:
    for part in ("cv2", "zxingcpp", "escpos", "serialx", "pymodbus"):
        require(part)
    import cv2
    import numpy as np

    with ExitStack() as stack:
        made = Hall(tmp_path / "hall", mosquitto, stack)
        cv2.imwrite(str(made.film / "0.png"), np.full((240, 320, 3), 200, np.uint8))
        made.write(tmp_path / "config", mosquitto)
        yield made


def test_every_driver_has_its_crossing(hall: Hall) -> None:
    modules = (
        f"{family.name}.{each.name}"
        for family in pkgutil.iter_modules(device_drivers.__path__)
        if family.ispkg and family.name != "contract"
        for each in pkgutil.iter_modules([f"{device_drivers.__path__[0]}/{family.name}"])
    )
    found = {name for name in modules if is_driver(import_module(f"device_drivers.{name}"))}
    assert set(hall.devices()) == found
    assert set(hall.told()) == {device for _, device, _, _ in hall.devices().values()}


def is_driver(module: Any) -> bool:
    own = getattr(module, "Driver", None)
    return own is not None and own.__module__ == module.__name__ and hasattr(module, "Settings")


async def test_a_line_of_the_settings_moves_its_hardware(hall: Hall, mosquitto: Broker, tmp_path: Path) -> None:
    config = tmp_path / "config"
    assert check_whole(config).mistakes == []
    settings = load(config)
    settings = settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"data": tmp_path / "data"})})
    address = urlsplit(mosquitto.url)
    host = Host(Links(str(address.hostname), int(address.port or 0), settings.store.id), tmp_path / "floor")
    host.start(entries(config / "devices.toml"))
    try:
        assert host.failures == {}
        async with open_gateway(settings) as gateway:
            await until(lambda: all(online(gateway, device) for device in hall.told()))
            await until(lambda: all(agent._driver.state() is not None for agent in host.agents.values()))
            for fence, (device, (what, outcome, seen)) in enumerate(hall.told().items(), start=int(time.time()) - 100):
                await until(lambda device=device: is_there(gateway, device))  # type: ignore[misc]
                reply = await gateway.devices.bus.call(device, what, id=str(uuid.uuid4()), fence=fence, ttl_ms=60_000)
                assert (device, reply.outcome, reply.reason) == (device, outcome, reply.reason)
                assert await until(seen), device

            def read() -> set[str]:
                rows = gateway.reads.all("SELECT body FROM entries WHERE type='code.read.v1'")
                return {json.loads(row["body"])["device"] for row in rows}

            os.write(hall.gun.end, f"{GTIN}\r\n".encode())
            os.write(hall.keys, packed(strokes(f"{GTIN}\n")))
            await until(lambda: read() == {"scanner-serial", "scanner-hid"})
    finally:
        host.stop()


def is_there(gateway: Any, device: str) -> bool:
    """Whether the hardware behind it answers, as far as the gateway was told."""
    live = gateway.devices.ingest.live[device]
    state = live.state
    return state is not None and state.online is not False and state.lock != "unknown"
