"""Which version is in force after a setup, and which services a box runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.setup import services
from operations.setup.places import Places

UNITS = Path(__file__).resolve().parents[2] / "systemd"
DRIVEN = '[[devices]]\nid = "printer-1"\nkind = "printer"\ndriver = "printers.simulated"\n'
ELSEWHERE = '[[devices]]\nid = "cart-01"\nkind = "cart"\n'


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places.of(tmp_path, None, None)
    found.config.mkdir(parents=True)
    return found


def test_the_first_setup_puts_its_version_into_force_and_a_later_one_leaves_it(tmp_path: Path) -> None:
    for version in ("0.1.0", "0.2.0"):
        (tmp_path / version).mkdir()
    assert services.put_in_force(tmp_path / "0.1.0", tmp_path)
    assert not services.put_in_force(tmp_path / "0.2.0", tmp_path)
    assert (tmp_path / "current").resolve() == tmp_path / "0.1.0"


def test_a_link_to_nothing_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("gone")
    (tmp_path / "0.2.0").mkdir()
    assert services.put_in_force(tmp_path / "0.2.0", tmp_path)
    assert (tmp_path / "current").resolve() == tmp_path / "0.2.0"


def test_what_runs_from_elsewhere_is_never_in_force(tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    assert not services.put_in_force(tmp_path / "venv", tmp_path / "opt")


@pytest.mark.parametrize(("devices", "driven"), [(DRIVEN, True), (ELSEWHERE, False), ("", False)])
def test_drivers_run_where_there_are_any(places: Places, devices: str, driven: bool) -> None:
    (places.config / "devices.toml").write_text(devices)
    assert ("storekeeper-devices" in services.wanted(places)) is driven
    assert services.wanted(places)[0] == "storekeeper-gateway"


def test_every_service_that_is_started_is_there(places: Places) -> None:
    (places.config / "devices.toml").write_text(DRIVEN)
    places.cloud_token.parent.mkdir(parents=True, exist_ok=True)
    places.cloud_token.write_text("token")
    for name in services.wanted(places):
        assert (UNITS / (name if "." in name else f"{name}.service")).is_file(), name
