"""What hangs on this box and is used by nobody: lock boards, receipt printers, scanners. It only reads: nothing opens,
and nothing is printed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from device_drivers.printers.escpos_probe import probe_printer
from device_drivers.probe import Asker, places, probe

USB_PRINTERS: Final = Path("/dev/usb")


class Hardware(msgspec.Struct, frozen=True):
    """Something that answered."""

    what: Literal["lock", "printer", "scanner"]
    url: str
    words: str
    """How it calls itself, and how it is."""
    driver: str
    settings: dict[str, Any] = {}
    """As `devices.toml` would have them."""


def discover(more: Sequence[str], tell: Callable[[str, OSError | ValueError], None]) -> list[Hardware]:
    """Returns what answers at the usual places and at `more`. `tell` hears which place was not looked at, and why."""
    found: list[Hardware] = []
    for place in dict.fromkeys([*more, *_usual()]):
        try:
            found += _hardware_at(place)
        except (OSError, ValueError) as error:
            tell(place, error)
    return found


def _usual() -> Iterator[str]:
    yield from places()
    yield from (f"file://{path}" for path in sorted(USB_PRINTERS.glob("lp*")))


def _hardware_at(place: str) -> Iterable[Hardware]:
    if place.startswith("/dev/input/"):
        Path(place).stat()
        return [Hardware("scanner", place, Path(place).name, "scanners.hid", {"path": place})]
    if place.startswith("file:") or place.rstrip("/").endswith(":9100"):
        return _printer(place)
    return _locks(place)


def _locks(url: str) -> Iterator[Hardware]:
    found = probe(url, _silent())
    if found.boards:
        driver = found.boards[0].partition(" ")[0]
        yield Hardware("lock", url, ", ".join(found.boards), driver, _settings(found.settings))


def _printer(url: str) -> Iterator[Hardware]:
    found = probe_printer(url, _silent())
    if found.answers:
        words = ", ".join(each for each in (f"paper {found.paper}" if found.paper else "", found.cover or "") if each)
        yield Hardware("printer", url, words or "it answers", "printers.escpos", _settings(found.settings))


def _silent() -> Asker:
    """Nobody stands there: every question is answered with no."""
    return Asker(lambda _: None, lambda _: False)


def _settings(line: str) -> dict[str, Any]:
    """The table in a line for `devices.toml`; without what the probe could not tell."""
    try:
        found: dict[str, Any] = tomllib.loads(line.replace("<0 or 1>", "1"))["settings"]
    except (tomllib.TOMLDecodeError, KeyError):
        return {}
    return found
