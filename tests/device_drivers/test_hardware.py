"""The list of supported hardware claims what the drivers are, no more and no less."""

from __future__ import annotations

import inspect

import pytest

from device_drivers import driver, hardware


def test_the_published_table_is_the_drivers_own() -> None:
    assert hardware.PUBLISHED.read_text(encoding="utf-8") == hardware.table(), "run python -m device_drivers.hardware"


def test_every_driver_for_real_hardware_has_a_manual() -> None:
    rows = [row for row in hardware.table().splitlines() if row.startswith("| `")]
    assert len(rows) >= 12
    assert [row for row in rows if "[simulated]" in row and "simulated" not in row.split("|")[1]] == []


@pytest.mark.parametrize("part", ["start", "stop", "state", "carry_out", "apply"])
def test_every_driver_is_called_as_the_agent_calls_it(part: str) -> None:
    """The host finds drivers by their names, so no type checker sees that they are any."""
    wanted = list(inspect.signature(getattr(driver.Driver, part)).parameters)
    found = {
        f"{family}.{name}": list(inspect.signature(getattr(hardware._module(family, name).Driver, part)).parameters)
        for family in hardware.FAMILIES
        for name in hardware._drivers(family)
    }
    assert len(found) >= 12
    assert {name: parameters for name, parameters in found.items() if parameters != wanted} == {}
