# ruff: noqa: E501 - messages stand as they are printed
"""Devices are checked by their drivers' own settings, before any of them runs and without touching hardware."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from device_drivers.check import DriverCheck, check, drivers
from device_drivers.host import module_of
from device_drivers.setting_errors import expected

TTY = "serial:///dev/ttyUSB0"
BANK = {"id": "locker-a", "kind": "locker", "driver": "locks.kerong"}
WIRED = {"url": TTY, "closed_bit": 1, "dialect": "cu48"}
DOCK = {"id": "cart-01", "kind": "cart", "driver": "locks.kerong_dock"}
CART = {"id": "cart-02", "kind": "cart", "driver": "locks.simulated_cart"}
PRINTER = {"id": "printer-1", "kind": "printer", "driver": "printers.escpos"}


def said(*devices: dict[str, Any]) -> list[tuple[str, str]]:
    """Place below the device, and text."""
    return [(".".join(map(str, wrong.place[1:])), wrong.text) for wrong in check(devices).wrong]


def test_drivers_are_known_without_being_imported() -> None:
    assert {"locks.kerong", "locks.simulated_cart", "printers.escpos", "scanners.camera", "beacons.mqtt"} <= set(
        drivers()
    )
    assert "locks.bank" not in drivers()


def test_good_devices_are_good() -> None:
    assert said({**BANK, "settings": WIRED}, {**PRINTER, "settings": {"url": "tcp://10.0.0.5:9100"}}) == []


@pytest.mark.parametrize(
    ("device", "place", "text"),
    [
        ({**BANK, "driver": "locks.kerang"}, "0.driver", 'driver: there is no driver "locks.kerang"'),
        ({**BANK, "driver": "locks.bank"}, "0.driver", 'driver: there is no driver "locks.bank"'),
        ({**BANK, "settings": {**WIRED, "dialect": "CU48"}}, "0.settings.dialect", 'dialect: expected one of cu48, cu48b, cu16; found "CU48"'),
        ({**BANK, "settings": {**WIRED, "adress": 3}}, "0.settings.adress", 'unknown key "adress" in the settings of locks.kerong'),
        ({**BANK, "settings": {"closed_bit": 1, "dialect": "cu48"}}, "0.settings", '"url" is missing in the settings of locks.kerong'),
        ({**PRINTER}, "0", '"url" is missing in the settings of printers.escpos'),
        ({**BANK, "settings": {**WIRED, "url": "/dev/ttyUSB0"}}, "0.settings.url", "url: port '/dev/ttyUSB0': expected serial:///dev/ttyUSB0?baud=19200 or tcp://host:port"),
        ({**BANK, "settings": {**WIRED, "poll_s": 7}}, "0.settings.poll_s", "poll_s: expected a number, at most 1.0; found 7"),
        ({**BANK, "settings": {**WIRED, "boards": "0"}}, "0.settings.boards", 'boards: expected a list in [ ]; found "0"'),
        ({**BANK, "settings": {**WIRED, "doors": {"01": "0/99"}}}, "0.settings.doors", "doors: lock '0/99': board 0 has locks 1 to 48"),
        ({**BANK, "settings": {**WIRED, "url": f"{TTY}?baud=0"}}, "0.settings.url", f"url: port '{TTY}?baud=0': expected a whole number, at least 50 in it; known are baud, parity (N, E, O), stop (1, 2)"),
        ({**BANK, "settings": {**WIRED, "poll_s": float("nan")}}, "0.settings.poll_s", "poll_s: expected a number; found nan"),
        ({**BANK, "driver": "locks.simulated_locker", "settings": {"auto_close_s": float("inf")}}, "0.settings.auto_close_s", "auto_close_s: expected a number; found inf"),
        ({**BANK, "driver": "locks.simulated_locker", "settings": {"auto_close_s": -5.0}}, "0.settings.auto_close_s", "auto_close_s: expected a number, at least 0.0; found -5.0"),
        ({**BANK, "settings": {**WIRED, "url": ""}}, "0.settings.url", 'url: expected text in quotes, not empty; found ""'),
        ({**BANK, "settings": {**WIRED, "url": "tcp://192.168.1.300:5000"}}, "0.settings.url", "url: port 'tcp://192.168.1.300:5000': Octet 300 (> 255) not permitted in '192.168.1.300'; expected serial:///dev/ttyUSB0?baud=19200 or tcp://host:port"),
        ({**BANK, "settings": {**WIRED, "url": "tcp://lock bank:5000"}}, "0.settings.url", "url: port 'tcp://lock bank:5000': 'lock bank' is no name of a host; expected serial:///dev/ttyUSB0?baud=19200 or tcp://host:port"),
        ({**BANK, "settings": {**WIRED, "boards": [12]}}, "0.settings.boards", "boards: expected a whole number, at most 9 in it; found [12]"),
        ({**BANK, "settings": {**WIRED, "locks": 99}}, "0.settings.locks", "locks: lock of cu48 48: expected 0 to 47"),
        ({**PRINTER, "settings": {"url": "file://"}}, "0.settings.url", "url: port 'file://': expected file:///dev/usb/lp0"),
        ({**PRINTER, "settings": {"url": "tcp://[::1]:9100", "code_page": "klingon"}}, "0.settings.code_page", "code_page: code page: unknown encoding: klingon"),
        ({**PRINTER, "settings": {"url": "tcp://drucker-ö.local:9100", "font": "/nope.ttf"}}, "0.settings.font", "font: expected the file of a font; found none at /nope.ttf"),
        ({**CART, "settings": {"pull_out_s": -1}}, "0.settings.pull_out_s", "pull_out_s: expected a number, at least 0.0; found -1"),
        ({**CART, "settings": {"battery": 12}}, "0.settings.battery", "battery: expected a number, at most 1.0; found 12"),
        ({**BANK, "kind": "cart", "settings": WIRED}, "0.kind", 'kind: locks.kerong makes a locker; found "cart"'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_stands(device: dict[str, Any], place: str, text: str) -> None:
    assert said(device) == [(place, text)]


def test_all_of_a_devices_mistakes_come_at_once() -> None:
    found = said({**BANK, "settings": {"url": TTY, "closed_bit": 2, "dialect": "x", "pol_s": 1}})
    assert [place for place, _ in found] == ["0.settings.pol_s", "0.settings.closed_bit", "0.settings.dialect"]


def test_a_port_of_two_devices() -> None:
    printer = {**PRINTER, "settings": {"url": "serial:///dev/ttyUSB0?baud=19200"}}
    assert said({**BANK, "settings": WIRED}, printer) == [
        ("1.settings.url", "url: /dev/ttyUSB0 is the port of locker-a, which does not share it")
    ]


@pytest.mark.parametrize(
    "url", ["serial:///dev//ttyUSB0", "serial:///dev/./ttyUSB0?baud=9600", "serial:////dev/x/../ttyUSB0"]
)
def test_a_port_is_one_however_it_is_spelled(url: str) -> None:
    assert said({**BANK, "settings": WIRED}, {**PRINTER, "settings": {"url": url}}) == [
        ("1.settings.url", "url: /dev/ttyUSB0 is the port of locker-a, which does not share it")
    ]


def test_boards_share_a_wire_but_no_lock() -> None:
    cart = {**DOCK, "settings": {**WIRED, "lock": "1/7"}}
    assert said({**BANK, "settings": WIRED}, cart) == []
    cart = {**DOCK, "settings": {**WIRED, "lock": "0/7"}}
    assert said({**BANK, "settings": WIRED}, cart) == [
        ("1.settings.url", "url: lock 0/7 of /dev/ttyUSB0 is locker-a's already")
    ]


def test_a_bank_says_its_doors() -> None:
    checked = check([{**BANK, "settings": {**WIRED, "locks": 8}}])
    assert checked.doors == {"locker-a": tuple(f"{number:02d}" for number in range(1, 9))}


def test_a_password_is_never_shown() -> None:
    listener = {"id": "beacons", "kind": "beacon", "driver": "beacons.mqtt"}
    found = said({**listener, "settings": {"receivers": {}, "tags": {}, "password": 4711}})
    assert found == [("0.settings.password", "password: expected text in quotes; found a value that is not shown")]


def test_what_is_no_device_is_left_to_others() -> None:
    assert check([3, {"kind": "cart"}, {"id": "x", "driver": 5}, {"id": "y", "settings": {"any": 1}}]) == DriverCheck()


def test_it_is_a_process_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "devices.toml"
    file.write_text('\ufeff[[devices]]\nid = "a1"\nkind = "cart"\ndriver = "locks.nothing"\n', "utf-8")
    ended = subprocess.run([sys.executable, "-m", "device_drivers.check", str(file)], capture_output=True, check=True)
    (wrong,) = json.loads(ended.stdout)["wrong"]
    assert (wrong["place"], wrong["found"]) == (["devices", 0, "driver"], "locks.nothing")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Expected `int` >= 1", "expected a whole number, at least 1"),
        ("Expected `array` of length >= 1", "expected a list in [ ], not empty"),
        ("Expected `int | null`, got `str`", "expected a whole number"),
        ("Expected `int`, got `str` - at `$[1]`", "expected a whole number in it"),
        ("Object contains unknown field `x`", "object contains unknown field `x`"),
    ],
)
def test_what_was_expected_is_said_as_elsewhere(message: str, words: str) -> None:
    assert expected(message) == words


def unbounded(schema: Any, name: str) -> Iterator[str]:
    """Numbers of a JSON schema that have no range."""
    if isinstance(schema, list):
        for each in schema:
            yield from unbounded(each, name)
    elif isinstance(schema, dict):
        ends = {each.lower().removeprefix("exclusive") for each in schema}
        if schema.get("type") in ("integer", "number") and not {"minimum", "maximum"} <= ends and "enum" not in schema:
            yield name
        for key, each in schema.items():
            yield from unbounded(each, f"{name}.{key}")


def test_every_number_of_a_driver_has_a_range() -> None:
    """A cart's charge of 12 and a shopper who comes back after minus one second were taken."""
    found = [each for name in drivers() for each in unbounded(msgspec.json.schema(module_of(name).Settings), name)]
    assert {each.rpartition(".properties.")[2] for each in found} == {"locks.anyOf"}, "these the boards know"
