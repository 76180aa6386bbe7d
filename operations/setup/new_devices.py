"""Entries of `devices.toml` for devices that nobody described yet: where they stand and what people call them."""

from __future__ import annotations

import re
from typing import Any

from edge.errors import StorekeeperError
from edge.settings.mistakes import did_you_mean
from edge.settings.toml_files import read_toml
from operations.setup.answers import DeviceAnswers
from operations.setup.places import Places
from words.languages import known
from words.sentences import say


class NoPlace(StorekeeperError):
    """A device has no place in the store."""


def entry_of(places: Places, device: str, kind: str, zone: str | None, label: str | None) -> DeviceAnswers:
    """One `[[devices]]` in the middle of its zone. Raises `NoPlace` and `BadToml`."""
    store, _ = read_toml(places.config / "store.toml")
    zones: list[dict[str, Any]] = [each for each in store.get("zones", []) if isinstance(each, dict)]
    names = [str(each.get("id")) for each in zones]
    if zone is not None and zone not in names:
        raise NoPlace(f'there is no zone "{zone}"{did_you_mean(zone, names)}')
    if not zones:
        raise NoPlace(f"{places.config / 'store.toml'} has no zone in which {device} could stand")
    found = zones[names.index(zone)] if zone else zones[0]
    x, y, width, height = (float(each) for each in found.get("plan", (0, 0, 1, 1)))
    tags = tuple(store.get("store", {}).get("languages", known()))
    texts = dict.fromkeys(tags, label) if label else called(device, kind, tags)
    return DeviceAnswers(device, kind, str(found["id"]), texts, (round(x + width / 2, 1), round(y + height / 2, 1)))


def called(device: str, kind: str, tags: tuple[str, ...]) -> dict[str, str]:
    """What people call a device of this kind, by language: its number, or its id where it has none."""
    number = re.search(r"(\d+)$", device)
    sign = str(int(number[1])) if number else device.rpartition("-")[2].upper() or device
    return {tag: say(tag, f"setup.device.{kind}", number=sign, letter=sign) for tag in tags}
