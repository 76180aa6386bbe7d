"""What of a store is there already, and where nothing is, what it will be."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from edge.settings import addresses
from edge.settings.toml_files import read_toml
from operations.setup.answers import Answers, BadAnswer
from operations.setup.places import Places

ELSEWHERE: Final = "elsewhere"
"""The driver of a device that this box runs no driver for."""


class Present(msgspec.Struct, frozen=True):
    """What the steps need of the settings, from the files in force or the answers that will make them."""

    store: str
    devices: tuple[str, ...]
    """Every device of the settings, by id."""
    kiosks: tuple[str, ...]
    """Screens that have no driver: a kiosk shows them."""
    elsewhere: tuple[str, ...]
    """Devices with firmware of their own."""
    broker_port: int
    host: str
    """The host of the address that phones reach: devices may know the box by it."""

    @classmethod
    def of(cls, answers: Answers, places: Places) -> Present:
        """Raises `BadAnswer` where the files in force say what setup cannot go on from, and `BadToml`."""
        store = _table(places.config / "store.toml").get("store")
        gateway = _table(places.config / "gateway.toml")
        path = places.config / "devices.toml"
        devices = (
            _table(path).get("devices", []) if path.exists() else [msgspec.to_builtins(d) for d in answers.devices]
        )
        listed = devices if isinstance(devices, list) else []  # what is wrong is told where the settings are loaded
        entries = [each for each in listed if isinstance(each, dict) and "id" in each]
        ids = tuple(str(each["id"]) for each in entries)
        undriven = [each for each in entries if each.get("driver", "") in ("", ELSEWHERE)]
        kiosks = tuple(str(each["id"]) for each in undriven if each.get("kind") == "screen")
        away = tuple(str(each["id"]) for each in undriven if each.get("kind") != "screen")
        name = str(store["id"]) if isinstance(store, dict) and "id" in store else answers.store
        address = str(gateway.get("public_url") or answers.address)
        return cls(name, ids, kiosks, away, _port(gateway, answers, places), _host(address))

    @classmethod
    def there(cls, places: Places) -> Present:
        """Of a store that was set up. Raises as `of`."""
        return cls.of(Answers(name={}, address=""), places)


def _table(path: Path) -> dict[str, Any]:
    return read_toml(path)[0] if path.exists() else {}


def _port(gateway: dict[str, Any], answers: Answers, places: Places) -> int:
    """Of the broker that the settings name, which must speak TLS."""
    broker = gateway.get("broker")
    if not gateway:
        return answers.broker_port
    url = str(broker.get("url", "")) if isinstance(broker, dict) else ""
    try:
        found = addresses.read(
            url or "mqtt://127.0.0.1", ("mqtt", "mqtts"), "an address such as mqtts://127.0.0.1:8883"
        )
    except addresses.BadAddress as error:
        raise BadAnswer(f"{places.config / 'gateway.toml'}: [broker] url: {error}") from None
    if found.scheme != "mqtts":
        raise BadAnswer(
            f'{places.config / "gateway.toml"}: [broker] url is "{url or "mqtt://127.0.0.1:1883"}", and a store has '
            f'TLS to its broker. Write url = "mqtts://127.0.0.1:{answers.broker_port}", authority = "{places.ca}" and '
            'kind = "external" there, then run setup again'
        )
    return found.port or answers.broker_port


def _host(address: str) -> str:
    """The host of an address as certificates name it; empty where it has none."""
    try:
        return addresses.read(address, ("http", "https"), "an address").host.strip("[]")
    except addresses.BadAddress:
        return ""  # told where the settings are loaded
