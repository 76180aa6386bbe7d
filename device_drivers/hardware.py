"""The table of supported hardware, made from the drivers themselves.

`python -m device_drivers.hardware` writes `docs/hardware.md`; the test run fails where that copy is stale.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any, Final

import msgspec

import device_drivers

ROOT: Final = Path(__file__).resolve().parent.parent
PUBLISHED: Final = ROOT / "docs" / "hardware.md"
FAMILIES: Final = ("locks", "printers", "scanners", "beacons", "screens")
MANUALS: Final = {"kerong_dock": "kerong", "waveshare_dock": "waveshare", "mqtt": "beacons-mqtt"}
"""Drivers whose manual has another name than their file."""

HEAD: Final = """# Supported hardware

Made from the drivers by `python -m device_drivers.hardware`. A lock that speaks the contract itself needs no driver:
[firmware for an ESP32](drivers/firmware.md).

| driver | what it is | it must be told | |
|---|---|---|---|
"""


def table() -> str:
    """The whole page."""
    return HEAD + "".join(_row(family, name) for family in FAMILIES for name in _drivers(family))


def _drivers(family: str) -> list[str]:
    package = importlib.import_module(f"{device_drivers.__name__}.{family}")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return [name for name in names if hasattr(_module(family, name), "Driver")]


def _row(family: str, name: str) -> str:
    module = _module(family, name)
    sentence = (module.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
    needed = ", ".join(f"`{field.name}`" for field in msgspec.structs.fields(module.Settings) if field.required)
    return f"| `{family}.{name}` | {sentence} | {needed or 'nothing'} | {_manual(family, name)} |\n"


def _manual(family: str, name: str) -> str:
    for title in (MANUALS.get(name, name), f"{family.rstrip('s')}-{name}"):
        if (ROOT / "docs" / "drivers" / f"{title}.md").exists():
            return f"[manual](drivers/{title}.md)"
    return "[simulated](drivers.md)"


def _module(family: str, name: str) -> Any:
    return importlib.import_module(f"{device_drivers.__name__}.{family}.{name}")


if __name__ == "__main__":
    PUBLISHED.write_text(table(), encoding="utf-8")
