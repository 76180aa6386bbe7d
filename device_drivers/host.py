"""Runs many devices in one process, each with its own connection and memory. One that fails never stops the rest."""

from __future__ import annotations

import contextlib
import importlib
import logging
import re
import signal
import sqlite3
import threading
import tomllib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from device_drivers.agent import Agent, Link
from device_drivers.broker import PasswordInClear
from device_drivers.contract import Identifier
from device_drivers.extensions import DRIVERS, load

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from device_drivers.driver import Driver

log = logging.getLogger(__name__)

ELSEWHERE: Final = "elsewhere"
"""The driver of a device that runs somewhere else: firmware of its own, or a process of its own such as the kiosk."""
_DRIVER: Final = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")
_DRIVER_HAS: Final = ("kind", "capabilities", "start", "stop", "state", "carry_out", "apply")


class Links(msgspec.Struct, frozen=True):
    """How the devices of this host reach the broker; each with its own name and password."""

    host: str
    port: int
    store: str
    passwords: dict[str, str] = {}
    """By device id; a device without one logs in with its name alone, which only an open broker on loopback lets in."""
    tls: bool = False
    in_clear: bool = False
    """Passwords may cross the network unencrypted."""
    authority: str | None = None
    """File of the store's own authority, which the broker's certificate must come of."""

    def of(self, device: str) -> Link:
        """The link of one device."""
        password = self.passwords.get(device)
        return Link(self.host, self.port, self.store, device, password, self.tls, self.in_clear, self.authority)


class DeviceEntry(msgspec.Struct, frozen=True):
    """One `[[devices]]` of `devices.toml`, as far as it concerns the host. What is for the gateway and for people is
    not read.
    """

    id: Identifier
    kind: str
    driver: str = ELSEWHERE
    """Names a module of `device_drivers`, such as `locks.simulated_cart`, or what an extension offers."""
    settings: dict[str, Any] = {}


class BadDevice(ValueError):
    """A device that cannot be built: which one, what was found, and what is expected."""


def entries(devices_toml: Path) -> list[DeviceEntry | BadDevice]:
    """Every device of the file, or what is wrong with it. Raises `OSError` and `tomllib.TOMLDecodeError` for the file
    itself.
    """
    found = tomllib.loads(devices_toml.read_text("utf-8-sig")).get("devices", [])
    if not isinstance(found, list):
        return [BadDevice(f"devices: expected a table [[devices]] for each; found {type(found).__name__}")]
    return [_entry(place, raw) for place, raw in enumerate(found, start=1)]


def _entry(place: int, raw: Any) -> DeviceEntry | BadDevice:
    name = raw.get("id", f"number {place}") if isinstance(raw, dict) else f"number {place}"
    try:
        return msgspec.convert(raw, DeviceEntry)
    except msgspec.ValidationError as error:
        return BadDevice(f"device {name}: {error}")


def module_of(driver: str, extensions: Collection[str] = ()) -> Any:
    """The module of a driver, ours or one of `extensions`. Raises `BrokenExtension`, and `ValueError` for no driver."""
    if not _DRIVER.match(driver):
        raise ValueError(f"driver {driver!r} is no name such as 'locks.simulated_cart'")
    try:
        module = load(DRIVERS, driver) if driver in extensions else importlib.import_module(f"device_drivers.{driver}")
        _ = module.Settings, module.Driver
    except (ImportError, AttributeError) as error:
        raise ValueError(f"driver {driver!r}: {error}") from error
    return module


def build(entry: DeviceEntry, folder: Path, extensions: Collection[str] = ()) -> Driver:
    """The driver with its settings; `extensions` are the drivers of other packages that may be used. Raises
    `BadDevice`.
    """
    try:
        module = module_of(entry.driver, extensions)
    except ValueError as error:
        raise BadDevice(f"device {entry.id}: {error}") from error
    try:
        driver: Driver = module.Driver(msgspec.convert(entry.settings, module.Settings), folder)
    except msgspec.ValidationError as error:
        known = ", ".join(field.name for field in msgspec.structs.fields(module.Settings))
        raise BadDevice(f"device {entry.id}: settings of {entry.driver}: {error}; known are: {known}") from error
    except (ValueError, OSError) as error:
        raise BadDevice(f"device {entry.id}: driver {entry.driver}: {error}") from error
    except Exception as error:
        log.exception("%s cannot be built", entry.id)
        raise BadDevice(f"device {entry.id}: driver {entry.driver}: {type(error).__name__}: {error}") from error
    if lacking := [name for name in _DRIVER_HAS if not hasattr(driver, name)]:
        raise BadDevice(f"device {entry.id}: {entry.driver} is no driver: it lacks {', '.join(lacking)}")
    if driver.kind != entry.kind:
        raise BadDevice(f"device {entry.id}: kind {entry.kind!r}, but driver {entry.driver} makes a {driver.kind!r}")
    return driver


class Host:
    """The agents of one process. `start` starts what can be started and says what cannot."""

    def __init__(self, links: Links, data: Path, extensions: Collection[str] = ()) -> None:
        """Each device gets the folder `<data>/devices/<id>`; `extensions` as in `build`."""
        self._links = links
        self._extensions = extensions
        self._data = data
        self.agents: dict[str, Agent] = {}
        self.failures: dict[str, str] = {}
        """By device, what is wrong with it."""

    def start(self, devices: Collection[DeviceEntry | BadDevice], skip: Collection[str] = ()) -> None:
        """Starts every device that runs here and is not in `skip`."""
        for device in devices:
            if isinstance(device, BadDevice):
                self._fail(str(device).partition(":")[0], device)
            elif device.id in self.agents:
                self._fail(device.id, BadDevice(f"device {device.id} stands twice in the file; the first one runs"))
            elif device.driver != ELSEWHERE and device.id not in skip:
                self._start(device)

    def _start(self, entry: DeviceEntry) -> None:
        folder = self._data / "devices" / entry.id
        try:
            agent = Agent(entry.id, build(entry, folder, self._extensions), self._links.of(entry.id), folder)
            agent.start()
        except (BadDevice, PasswordInClear, OSError, sqlite3.Error) as error:
            self._fail(entry.id, error)
        else:
            self.agents[entry.id] = agent

    def _fail(self, device: str, error: Exception) -> None:
        log.error("%s does not run: %s", device, error)
        self.failures[device] = str(error)

    def stop(self) -> None:
        """Stops all of them at once; returns when each has said goodbye."""
        threads = [threading.Thread(target=agent.stop, name=f"{device}-stop") for device, agent in self.agents.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def run(
    devices_toml: Path,
    links: Links,
    data: Path,
    skip: Collection[str] = (),
    extensions: Collection[str] = (),
    alive: Callable[[], None] = lambda: None,
) -> int:
    """Runs every device of the file until SIGINT or SIGTERM. Returns how many could not be started. `extensions` as in
    `build`; `alive` is called each second.

    Raises `OSError` and `tomllib.TOMLDecodeError` where the file itself cannot be read.
    """
    devices = entries(devices_toml)
    host = Host(links, data, extensions)
    with _told_to_stop() as told:
        host.start(devices, skip)
        log.info("%d devices run, %d do not", len(host.agents), len(host.failures))
        alive()
        while not told.wait(1):
            alive()
    host.stop()
    return len(host.failures)


@contextlib.contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    told = threading.Event()
    before = {number: signal.signal(number, lambda *_: told.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
