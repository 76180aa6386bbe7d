"""What the demo says once it is open."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from edge.cli.demo.demo_folder import DemoOptions
from edge.cli.demo.run import _welcome
from edge.settings.settings import load

EXAMPLE = Path(__file__).resolve().parents[2] / "config"


@pytest.mark.parametrize(
    ("broker", "devices", "warned"), [("embedded", 19, 0), ("embedded", 34, 1), ("mosquitto", 34, 0)]
)
def test_a_store_too_large_for_the_embedded_broker_is_told_of(broker: str, devices: int, warned: int) -> None:
    settings = load(EXAMPLE)
    more = (settings.devices[0],) * (devices - len(settings.devices))
    settings = settings.model_copy(update={"devices": (*settings.devices, *more)})
    place: Any = SimpleNamespace(broker=broker, ports=SimpleNamespace(http=8080), url="http://store.test")
    console = Console(width=200, record=True)
    console.print(_welcome(place, settings, DemoOptions()))
    assert console.export_text().count(f"With {devices} devices take --broker mosquitto") == warned
