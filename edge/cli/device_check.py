"""The devices of a store, checked by their drivers' own settings: in a process of its own, so that this one imports no
driver.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from edge.settings.mistakes import did_you_mean
from edge.settings.settings import Settings
from edge.settings.toml_files import BadToml, Mistake, read_toml

FILE: Final = "devices.toml"
PATIENCE_S: Final = 60.0
"""How long the drivers may take to be imported, on a slow box."""


class DeviceCheck(msgspec.Struct):
    """What was found in the settings, and what could not be looked at."""

    mistakes: list[Mistake]
    notes: list[str]
    devices: dict[str, list[str]] = {}
    """By device, the mistakes in its settings that only its driver knows."""


class _Wrong(msgspec.Struct):
    place: tuple[str | int, ...]
    text: str
    found: str = ""
    known: tuple[str, ...] = ()


class _Checked(msgspec.Struct):
    """What `device_drivers.check` prints."""

    wrong: list[_Wrong] = []
    unchecked: dict[str, str] = {}
    doors: dict[str, tuple[str, ...]] = {}


def check_devices(folder: Path, settings: Settings | None) -> DeviceCheck:
    """What the drivers say of their devices' settings. Without `settings`, which have mistakes, less is known."""
    try:
        return _check(folder / FILE, settings)
    except BadToml:
        return DeviceCheck([], [])  # told where the settings are loaded


def _check(file: Path, settings: Settings | None) -> DeviceCheck:
    if settings is None:
        read_toml(file)
    checked = _ask_drivers(file, settings.extensions.drivers if settings else ())
    if isinstance(checked, str):
        return DeviceCheck([], [f"{FILE}: the drivers could not be asked: {checked}"])
    wrong = [*checked.wrong, *(_doors(settings, checked.doors) if settings else ())]
    mistakes = _on_their_lines(file, wrong) if wrong else []
    devices: dict[str, list[str]] = {}
    for each, mistake in zip(wrong, mistakes, strict=True):
        if settings is not None:
            devices.setdefault(settings.devices[int(each.place[1])].id, []).append(str(mistake))
    return DeviceCheck(mistakes, list(_unchecked(checked.unchecked)), devices)


def _on_their_lines(file: Path, wrong: Iterable[_Wrong]) -> list[Mistake]:
    """A file is read for its lines only here: of thousands of devices that takes half a second, in which a gateway
    whose thread this is does everything else in steps of 5 ms.
    """
    _, lines = read_toml(file)
    return [
        Mistake(FILE, lines.of(each.place), each.text + (did_you_mean(each.found, each.known) if each.known else ""))
        for each in wrong
    ]


def _ask_drivers(file: Path, extensions: Iterable[str]) -> _Checked | str:
    """What they found, or why they could not be asked."""
    named = [word for extension in extensions for word in ("--extension", extension)]
    command = [sys.executable, "-m", "device_drivers.check", str(file), *named]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
        return msgspec.json.decode(ended.stdout, type=_Checked)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    except ValueError:
        lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:200] if lines else f"exit code {ended.returncode}"


def _doors(settings: Settings, doors: Mapping[str, tuple[str, ...]]) -> Iterator[_Wrong]:
    """Doors that a bank has in the settings, and its driver has not."""
    for number, device in enumerate(settings.devices):
        there = doors.get(device.id)
        lacking = sorted({*device.bank.S, *device.bank.M, *device.bank.L}.difference(there or ()))
        if there and lacking:
            has = f"{len(there)} doors, {there[0]} to {there[-1]}" if len(there) > 1 else f"one door, {there[0]}"
            text = f"bank: {device.driver} has {has} by its settings; found also {', '.join(lacking)}"
            yield _Wrong(("devices", number, "bank"), text)


def _unchecked(missing: Mapping[str, str]) -> Iterator[str]:
    for library in sorted(set(missing.values())):
        devices = ", ".join(sorted(device for device, name in missing.items() if name == library))
        yield f"{FILE}: {devices} not checked: {library} is not installed on this box"
