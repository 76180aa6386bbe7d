"""Checks the devices of a file by their drivers' own `Settings`, and touches no hardware: each driver is made, none is
started.

    python -m device_drivers.check devices.toml [--extension umbrellas.stand]…     prints a `DriverCheck` as JSON

It is a process of its own, so that whoever asks (the gateway, `storekeeper check`) imports no driver.
"""

from __future__ import annotations

import argparse
import difflib
import math
import re
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin

import msgspec

import device_drivers
from device_drivers.driver import Claim
from device_drivers.host import ELSEWHERE, module_of
from device_drivers.setting_errors import expected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

Place = tuple[str | int, ...]
"""Keys and numbers that lead from the document to the value, such as `("devices", 3, "settings", "url")`."""
_MEANT: Final = {"port": ("url",), "lock": ("doors", "locks"), "code": ("code_page",)}
"""The settings of which a driver speaks when it begins so: the first that is given."""
SECRET: Final = frozenset({"password", "token"})
"""Settings whose values are never shown."""


class DeviceMistake(msgspec.Struct, frozen=True):
    """One thing to put right."""

    place: Place
    text: str
    found: str = ""
    """What stands there, or is near it, where it is one of `known` that was perhaps meant."""
    known: tuple[str, ...] = ()


class DriverCheck(msgspec.Struct):
    """What was found."""

    wrong: list[DeviceMistake] = []
    unchecked: dict[str, str] = {}
    """By device, the library that its driver needs and that is not installed on this box."""
    doors: dict[str, tuple[str, ...]] = {}
    """By bank, the doors that its driver has."""


def check(devices: Sequence[Any], extensions: Collection[str] = ()) -> DriverCheck:
    """Every device of the file, as it was read."""
    checked = DriverCheck()
    claims: dict[str, list[tuple[str, Claim]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, raw in enumerate(devices):
            if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
                continue  # whoever reads the file for the store says so
            one = _Device(("devices", number), raw, extensions)
            driver = one.made(Path(folder), checked)
            if driver is None:
                continue
            if doors := getattr(driver, "doors", None):
                checked.doors[raw["id"]] = tuple(doors)
            for claim in getattr(driver, "claims", ()):
                others = claims.setdefault(claim.port, [])
                checked.wrong += one.conflicts(claim, others)
                others.append((raw["id"], claim))
    checked.wrong = list(dict.fromkeys(checked.wrong))
    return checked


class _Device:
    """One `[[devices]]`."""

    def __init__(self, place: Place, raw: Mapping[str, Any], extensions: Collection[str]) -> None:
        self.place, self.raw, self._extensions = place, raw, extensions
        self.name = raw.get("driver", ELSEWHERE)
        given = raw.get("settings", {})
        self._given: dict[str, Any] = given if isinstance(given, dict) else {}

    def made(self, folder: Path, checked: DriverCheck) -> Any:
        """The driver, not started; none where there is none, or something is wrong, which is added to `checked`."""
        if not isinstance(self.name, str) or self.name == ELSEWHERE:
            return None
        try:
            module = module_of(self.name, self._extensions)
        except ValueError as error:
            missing = _missing_library(error.__cause__, self.name)
            if missing:
                checked.unchecked[self.raw["id"]] = missing
            else:
                checked.wrong.append(self._unknown_driver(error))
            return None
        wrong = list(self._settings(module.Settings))
        driver = None if wrong else self._build(module, folder, wrong)
        if driver is not None and driver.kind != self.raw.get("kind"):
            text = f'kind: {self.name} makes a {driver.kind}; found "{self.raw.get("kind")}"'
            wrong.append(DeviceMistake((*self.place, "kind"), text))
        checked.wrong += wrong
        return driver

    def _unknown_driver(self, error: Exception) -> DeviceMistake:
        place = (*self.place, "driver")
        if self.name in self._extensions:
            return DeviceMistake(place, f"driver: {error}")
        return DeviceMistake(
            place, f'driver: there is no driver "{self.name}"', self.name, (*drivers(), *self._extensions)
        )

    def _settings(self, declared: type[msgspec.Struct]) -> Iterator[DeviceMistake]:
        fields = {field.encode_name: field for field in msgspec.structs.fields(declared)}
        place = (*self.place, "settings")
        for key in self._given:
            if key not in fields and declared.__struct_config__.forbid_unknown_fields:
                yield DeviceMistake(
                    (*place, key), f'unknown key "{key}" in the settings of {self.name}', key, tuple(fields)
                )
        for key, field in fields.items():
            if key in self._given:
                yield from _value((*place, key), key, self._given[key], field.type)
            elif field.required:
                at = place if "settings" in self.raw else self.place
                yield DeviceMistake(at, f'"{key}" is missing in the settings of {self.name}')

    def _build(self, module: Any, folder: Path, wrong: list[DeviceMistake]) -> Any:
        try:
            return module.Driver(msgspec.convert(self._given, module.Settings), folder / self.raw["id"])
        except (ValueError, OSError) as error:
            file = error.filename if isinstance(error, OSError) else None
            text = f"{file}: {error.strerror}" if file and isinstance(error, OSError) else str(error)
            keys = [key for key in self._given if re.match(rf"{re.escape(key)}\b", text)]
            keys += [key for key, value in self._given.items() if file and value == file]
            keys += [key for key in _MEANT.get(text.partition(" ")[0], ()) if key in self._given]
            key = keys[0] if keys else ""
            at = (*self.place, "settings", key) if key else (*self.place, "settings")
            wrong.append(DeviceMistake(at, text if key and text.startswith(key) else f"{key or 'settings'}: {text}"))
        except Exception as error:  # noqa: BLE001 - a driver of anybody; the host would not start it either
            wrong.append(DeviceMistake((*self.place, "driver"), f"{self.name}: {type(error).__name__}: {error}"))
        return None

    def conflicts(self, claim: Claim, others: list[tuple[str, Claim]]) -> Iterator[DeviceMistake]:
        """What one device has for itself, and another claims as well."""
        place = (*self.place, "settings", claim.key)
        for device, other in others:
            if device == self.raw["id"]:
                continue
            if claim.line and claim.line == other.line:
                if claim.part == other.part:
                    yield DeviceMistake(place, f"{claim.key}: {claim.part} of {claim.port} is {device}'s already")
            else:
                yield DeviceMistake(
                    place, f"{claim.key}: {claim.port} is the port of {device}, which does not share it"
                )


def _value(place: Place, key: str, value: Any, kind: Any) -> Iterator[DeviceMistake]:
    if isinstance(value, float) and not math.isfinite(value):
        yield DeviceMistake(place, f"{key}: expected a number; found {value}")
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        shown = "a value that is not shown" if key in SECRET else _value_text(value)
        choices = _choices(kind)
        if choices and isinstance(value, str):
            text = f"{key}: expected one of {', '.join(choices)}; found {shown}"
            near = tuple(difflib.get_close_matches(value.lower(), choices, 1))
            yield DeviceMistake(place, text, "".join(near), near)
        elif choices:
            yield DeviceMistake(place, f"{key}: expected one of {', '.join(choices)}; found {shown}")
        else:
            yield DeviceMistake(place, f"{key}: {expected(str(error))}; found {shown}")


def _choices(kind: Any) -> tuple[str, ...]:
    """The words that are known, where only these are."""
    if get_origin(kind) is Literal:
        return tuple(str(each) for each in get_args(kind))
    members = getattr(kind, "__members__", None)
    return tuple(str(each.value) for each in members.values()) if members else ()


def _value_text(value: Any) -> str:
    text = msgspec.json.encode(value, enc_hook=str).decode()
    text = re.sub(r"://[^/\s]*@", "://…@", text)
    return text if len(text) <= 60 else text[:57] + "…"


def _missing_library(cause: BaseException | None, driver: str) -> str:
    """The library that is not installed; empty where it is the driver itself that is not there."""
    name = cause.name or "" if isinstance(cause, ModuleNotFoundError) else ""
    return "" if not name or f"device_drivers.{driver}".startswith(name) else name


def drivers() -> list[str]:
    """The drivers that come with Storekeeper, by the name that `devices.toml` gives them. Imports none of them."""
    here = Path(device_drivers.__path__[0])
    files = sorted(here.glob("*/*.py"))
    driver = re.compile(r"^class Driver\b", re.MULTILINE)
    return [f"{file.parent.name}.{file.stem}" for file in files if driver.search(file.read_text("utf-8"))]


def main() -> None:
    """Reads the file that the command line names."""
    parser = argparse.ArgumentParser(description="Check devices by their drivers' own settings.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--extension", action="append", default=[])
    given = parser.parse_args()
    document = tomllib.loads(given.file.read_text("utf-8-sig"))
    devices = document.get("devices", [])
    sys.stdout.buffer.write(msgspec.json.encode(check(devices if isinstance(devices, list) else [], given.extension)))


if __name__ == "__main__":
    main()
