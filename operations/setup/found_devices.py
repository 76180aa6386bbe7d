"""Devices that setup was told of: asked what they are, where they have an address, and written as they answered."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from device_drivers.contract import ID_PATTERN
from operations.setup.answers import BadAnswer, DeviceAnswers
from operations.setup.new_devices import called

OWN_FIRMWARE: Final = ("cart", "locker", "printer", "screen", "scanner", "beacon")
PLACES: Final[Mapping[str, tuple[str, tuple[float, float]]]] = {
    "cart": ("entrance", (1.0, 10.0)),
    "locker": ("checkout", (18.5, 10.0)),
    "printer": ("checkout", (10.0, 11.5)),
    "scanner": ("checkout", (10.0, 12.5)),
    "screen": ("entrance", (6.5, 11.5)),
    "beacon": ("fresh", (5.0, 4.0)),
}
"""Zone of the template, and where in it the first one stands, in metres."""
USUAL_BANK: Final = 12
"""Doors that a bank has where nothing is said."""

Look = Callable[[str, str], Mapping[str, Any]]
"""`look(kind, url)`: driver and settings of what answers at an address. Raises `BadAnswer`."""


def devices(texts: Sequence[str], tags: tuple[str, ...], look: Look) -> tuple[DeviceAnswers, ...]:
    """One for each text: `cart=cart-01` for firmware of its own, an address, or `printer=` and an address.

    Raises `BadAnswer`.
    """
    found: list[DeviceAnswers] = []
    for text in texts:
        kind, value = _parts(text)
        count = sum(each.kind == kind for each in found)
        if re.fullmatch(ID_PATTERN, value):
            found.append(_device(value, kind, tags, count, {}))
        else:
            found.append(_device(_name(kind, count), kind, tags, count, look(kind, value)))
    ids = [each.id for each in found]
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise BadAnswer(f"device: {', '.join(twice)} stands there twice")
    return tuple(found)


def _parts(text: str) -> tuple[str, str]:
    """Kind, and id or address."""
    word, sign, rest = text.strip().partition("=")
    if sign and word in (*OWN_FIRMWARE, "lock"):
        return "locker" if word == "lock" else word, rest.strip()
    if text.startswith("/dev/input/"):
        return "scanner", text.strip()
    if "://" in text:
        return ("printer" if text.startswith("file:") or text.rstrip("/").endswith(":9100") else "locker"), text.strip()
    raise BadAnswer(
        "device: expected an address such as tcp://192.168.1.60:5000, printer=tcp://192.168.1.50:9100, or "
        f'cart=cart-01; found "{text}"'
    )


def _name(kind: str, count: int) -> str:
    return f"locker-{string.ascii_lowercase[count % 26]}" if kind == "locker" else f"{kind}-{count + 1}"


def _device(name: str, kind: str, tags: tuple[str, ...], count: int, driven: Mapping[str, Any]) -> DeviceAnswers:
    zone, (x, y) = PLACES[kind]
    return DeviceAnswers(
        id=name,
        kind=kind,
        zone=zone,
        label=called(name, kind, tags),
        at=(round(x + 0.6 * (count % 8), 1), round(y + 0.8 * (count // 8), 1)),
        driver=driven.get("driver", ""),
        settings=driven.get("settings", {}),
        bank=driven.get("bank", {}),
    )


def bank(doors: int) -> dict[str, list[str]]:
    """Doors of middle size; nothing where there are as many as usual. Whoever knows better writes it."""
    if doors == USUAL_BANK:
        return {}
    return {"S": [], "M": [f"{number:02d}" for number in range(1, doors + 1)], "L": [], "low": []}


def settings_of(line: str, closed_bit: int) -> dict[str, Any]:
    """The table of a `settings = { … }` line of the probe, with what it left open filled in."""
    table: dict[str, Any] = tomllib.loads(line.replace("<0 or 1>", str(closed_bit)))["settings"]
    return table
