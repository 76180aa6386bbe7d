"""What the tables of a store's files say of each other: ids, zones, devices and prices that fit together."""

from __future__ import annotations

from typing import Any

from edge.settings.mistakes import File, did_you_mean
from edge.settings.toml_files import Mistake

LOGINS = frozenset({"gateway", "doctor"})
"""MQTT users that are no devices."""


def check_references(store: File[Any], devices: File[Any], mistakes: list[Mistake]) -> None:
    """Duplicate ids, and zones, devices and prices that do not fit together."""
    zones = store.ids("zones")
    known = devices.ids("devices")
    for file, name in (
        (store, "zones"),
        (store, "touchpoints"),
        (store, "fixtures"),
        (store, "coupons"),
        (devices, "devices"),
    ):
        mistakes += file.twice(name)
    for file, name in ((store, "touchpoints"), (store, "coupons"), (devices, "devices")):
        if zones:
            _check_known(file, name, "zone", zones, mistakes)
    if devices.parsed:
        _check_known(store, "touchpoints", "device", known, mistakes)
        _check_known(store, "fixtures", "device", known, mistakes)
        _check_known(devices, "devices", "screen", known, mistakes)
    for key in ("attached_to", "beside"):
        _check_known(devices, "devices", key, _banks(devices), mistakes, "locker bank")
    _check_own_codes(store, devices, mistakes)
    _check_prices(store, mistakes)


def _check_prices(store: File[Any], mistakes: list[Mistake]) -> None:
    for index, coupon in store.tables("coupons"):
        price, was = coupon.get("price"), coupon.get("was")
        if isinstance(price, int) and isinstance(was, int) and price >= was:
            text = f"price: expected less than was ({was}); found {price}"
            mistakes.append(store.mistake(("coupons", index, "price"), text))


def _banks(devices: File[Any]) -> list[str]:
    return [str(table.get("id")) for _, table in devices.tables("devices") if table.get("kind") == "locker"]


def _check_known(
    file: File[Any], name: str, key: str, known: list[str], mistakes: list[Mistake], what: str | None = None
) -> None:
    for index, table in file.tables(name):
        value = table.get(key)
        if isinstance(value, str) and value not in known:
            text = f'{key}: there is no {what or key} "{value}"{did_you_mean(value, known)}'
            mistakes.append(file.mistake((name, index, key), text))


def _check_own_codes(store: File[Any], devices: File[Any], mistakes: list[Mistake]) -> None:
    for index, device in devices.tables("devices"):
        if isinstance(device.get("id"), str) and device["id"] in LOGINS:
            text = f'id: "{device["id"]}" is a login of the box itself; choose another'
            mistakes.append(devices.mistake(("devices", index, "id"), text))
    taken = set(devices.ids("devices"))
    for index, table in store.tables("touchpoints"):
        identifier = table.get("id")
        if isinstance(identifier, str) and identifier in taken:
            text = f'id: "{identifier}" is the name of a device, whose own code has it; choose another'
            mistakes.append(store.mistake(("touchpoints", index, "id"), text))
