"""The list of supported hardware claims what the drivers are, no more and no less."""

from __future__ import annotations

from device_drivers import hardware


def test_the_published_table_is_the_drivers_own() -> None:
    assert hardware.PUBLISHED.read_text(encoding="utf-8") == hardware.table(), "run python -m device_drivers.hardware"


def test_every_driver_for_real_hardware_has_a_manual() -> None:
    rows = [row for row in hardware.table().splitlines() if row.startswith("| `")]
    assert len(rows) >= 12
    assert [row for row in rows if "[simulated]" in row and "simulated" not in row.split("|")[1]] == []
