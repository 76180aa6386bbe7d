"""Drivers of other packages: found by their entry point, when they are named, and each failure for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from device_drivers.extensions import DRIVERS, BrokenExtension, load
from device_drivers.host import BadDevice, DeviceEntry, Host, Links, build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Install = Callable[[str, str, str], None]

LAMP = """
import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pin: int = 4


class Driver:
    kind = "beacon"
    capabilities = ("find",)

    def __init__(self, settings, folder):
        self.settings = settings

    def start(self, report): ...

    def stop(self): ...

    def state(self): ...

    def carry_out(self, order, deadline): ...

    def apply(self, body): ...
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a package beside ours, as pip would: its module, and what it offers."""
    monkeypatch.syspath_prepend(tmp_path)

    def put(package: str, code: str, offers: str) -> None:
        (tmp_path / f"{package}.py").write_text(code)
        told = tmp_path / f"{package}-1.0.dist-info"
        told.mkdir()
        (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (told / "entry_points.txt").write_text(f"[{DRIVERS}]\n{offers} = {package}\n")

    return put


def test_a_driver_from_outside_runs_when_it_is_named(install: Install, tmp_path: Path) -> None:
    install("far_lamp", LAMP, "lamps.far")
    entry = DeviceEntry("lamp-1", "beacon", "lamps.far", {"pin": 7})
    driver = build(entry, tmp_path, ["lamps.far"])
    assert driver.kind == "beacon"
    assert driver.settings.pin == 7
    with pytest.raises(BadDevice, match="known are: pin"):
        build(DeviceEntry("lamp-1", "beacon", "lamps.far", {"pim": 7}), tmp_path, ["lamps.far"])


def test_what_is_not_named_is_not_loaded(install: Install, tmp_path: Path) -> None:
    install("loud_lamp", "raise SystemError('I was imported')", "lamps.loud")
    with pytest.raises(BadDevice, match=r"lamps\.loud.*No module named"):
        build(DeviceEntry("lamp-1", "beacon", "lamps.loud"), tmp_path)


def test_one_that_is_not_there_or_is_there_twice_says_so(install: Install) -> None:
    with pytest.raises(BrokenExtension, match=r"'lamps\.gone': no package here offers it"):
        load(DRIVERS, "lamps.gone")
    install("one_lamp", LAMP, "lamps.same")
    install("two_lamp", LAMP, "lamps.same")
    with pytest.raises(BrokenExtension, match=r"one_lamp 1\.0 and two_lamp 1\.0 offer it"):
        load(DRIVERS, "lamps.same")


def test_one_that_raises_is_named_and_stops_no_other(install: Install, tmp_path: Path) -> None:
    install("sick_lamp", "raise ZeroDivisionError('sick')", "lamps.sick")
    install("half_lamp", "Settings = None", "lamps.half")
    install("lame_lamp", LAMP.replace("def stop", "def halt"), "lamps.lame")
    install("late_lamp", LAMP.replace("self.settings = settings", "raise KeyError('late')"), "lamps.late")
    install("well_lamp", LAMP, "lamps.well")
    names = ["lamps.sick", "lamps.half", "lamps.lame", "lamps.late", "lamps.well"]
    host = Host(Links("127.0.0.1", 1, "store"), tmp_path, names)
    host.start([DeviceEntry(name.replace(".", "-"), "beacon", name) for name in names])
    host.stop()
    assert list(host.agents) == ["lamps-well"]
    assert "sick_lamp 1.0: ZeroDivisionError: sick" in host.failures["lamps-sick"]
    assert "no attribute 'Driver'" in host.failures["lamps-half"]
    assert "is no driver: it lacks stop" in host.failures["lamps-lame"]
    assert "KeyError: 'late'" in host.failures["lamps-late"]
