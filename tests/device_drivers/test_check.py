# ruff: noqa: E501 - messages stand as they are printed
"""Devices are checked by their drivers' own settings, before any of them runs and without touching hardware."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from device_drivers.check import DriverCheck, check, drivers
from device_drivers.expected import expected

TTY = "serial:///dev/ttyUSB0"
BANK = {"id": "locker-a", "kind": "locker", "driver": "locks.kerong"}
WIRED = {"url": TTY, "closed_bit": 1, "dialect": "cu48"}
DOCK = {"id": "cart-01", "kind": "cart", "driver": "locks.kerong_dock"}
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
