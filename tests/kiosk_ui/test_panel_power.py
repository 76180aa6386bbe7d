"""A panel by the clock. The tools that reach one are stood in for by programs that keep a panel's state and take no
word that the real ones would not take.
"""

from __future__ import annotations

import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from device_drivers.contract import PanelHours, PanelPlan
from kiosk_ui import panel_power
from kiosk_ui.panel_power import Backlight, Cec, Ddc, Light, PanelClock, wanted

if TYPE_CHECKING:
    from collections.abc import Callable

DDC = """
    import json, pathlib, sys
    file = pathlib.Path(sys.argv[1])
    vcp = json.loads(file.read_text())
    match sys.argv[2:]:
        case ["getvcp", "--terse", "d6"]:
            print(f"VCP D6 SNC x{vcp['d6']:02x}")
        case ["getvcp", "--terse", "10"]:
            if vcp["d6"] != 1: sys.exit("Display not found: it sleeps")
            print(f"VCP 10 C {vcp['10']} 100")
        case ["setvcp", "d6", ("1" | "4") as value]:
            vcp["d6"] = int(value)
        case ["setvcp", "10", value] if 0 <= int(value) <= 100 and vcp["d6"] == 1:
            vcp["10"] = int(value)
        case other:
            sys.exit(f"unknown: {other}")
    if not vcp.get("deaf") or sys.argv[2] != "setvcp":
        file.write_text(json.dumps(vcp))
"""
CEC = """
    import json, pathlib, sys
    file = pathlib.Path(sys.argv[1])
    tv = json.loads(file.read_text())
    match sys.argv[2:]:
        case ["--to", "0", "--give-device-power-status"]:
            print("Transmit from Playback Device 1 to TV:\\nGIVE_DEVICE_POWER_STATUS (0x8f)\\n\\tReceived from TV:")
            state = "on (0x00)" if tv["on"] else "standby (0x01)"
            print(f"\\tREPORT_POWER_STATUS (0x90):\\n\\t\\tpwr-state: {state}")
        case ["--to", "0", "--image-view-on"]:
            tv["on"] = True
        case ["--to", "0", "--standby"]:
            tv["on"] = False
        case other:
            sys.exit(f"unknown: {other}")
    file.write_text(json.dumps(tv))
"""


def stand_in(folder: Path, script: str, state: str) -> list[str]:
    """The command of a tool that keeps its panel in a file."""
    folder.mkdir(exist_ok=True)
    (folder / "tool.py").write_text(textwrap.dedent(script))
    (folder / "panel.json").write_text(state)
    return [sys.executable, str(folder / "tool.py"), str(folder / "panel.json")]


def ddc(folder: Path) -> Any:
    return Ddc(stand_in(folder, DDC, '{"d6": 1, "10": 60}'))


def cec(folder: Path) -> Any:
    return Cec(stand_in(folder, CEC, '{"on": true}'))


def backlight(folder: Path) -> Any:
    folder.mkdir(exist_ok=True)
    for name, value in (("bl_power", "0"), ("brightness", "153"), ("max_brightness", "255")):
        (folder / name).write_text(value)
    return Backlight(folder)


PLAN = PanelPlan("Europe/Berlin", (PanelHours(450, 1200, 80), PanelHours(1200, 1350, 40)))


def at(clock: str, day: str = "2026-11-26") -> datetime:
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("clock", "light"),
    [
        ("07:29:59", Light("no")),
        ("07:30", Light("yes", 80)),
        ("19:59", Light("yes", 80)),
        ("20:00", Light("yes", 40)),
        ("22:30", Light("no")),
    ],
)
def test_the_first_hours_that_fit_count(clock: str, light: Light) -> None:
    assert wanted(PLAN, at(clock)) == light


def test_hours_may_lie_across_midnight() -> None:
    night = PanelPlan("Europe/Berlin", (PanelHours(1320, 120),))
    assert [wanted(night, at(clock)) for clock in ("21:59", "22:00", "01:59", "02:00")] == [
        Light("no"), Light("yes"), Light("yes"), Light("no"),
    ]  # fmt: skip


def test_without_hours_a_panel_is_left_alone() -> None:
    assert wanted(None, at("03:00")) is None
    assert wanted(PanelPlan("Europe/Berlin"), at("03:00")) is None
    assert wanted(PanelPlan("Mars/Olympus", PLAN.hours), at("03:00")) is None


@pytest.mark.parametrize(("made", "dims"), [(ddc, True), (cec, False), (backlight, True)])
def test_a_day_of_a_panel(tmp_path: Path, made: Callable[[Path], Any], *, dims: bool) -> None:
    port, told, now, in_use = made(tmp_path / "panel"), list[Light](), [at("12:00")], [False]
    clock = PanelClock(port, told.append, lambda: in_use[0], lambda: now[0])
    assert clock.keep() == Light("yes", 60 if dims else None)  # nobody planned anything yet
    clock.follow(PLAN)
    for moment, light in (
        ("12:00", Light("yes", 80 if dims else None)),
        ("20:30", Light("yes", 40 if dims else None)),
        ("23:00", Light("no")),
        ("07:30", Light("yes", 80 if dims else None)),
    ):
        now[0] = at(moment)
        assert clock.keep() == light, moment
        assert port.light() == light
    now[0], in_use[0] = at("23:30"), True
    assert clock.keep().lit == "yes"  # nobody stands before a dark panel
    in_use[0] = False
    assert clock.keep() == Light("no")
    assert told[-1] == Light("no")


@pytest.mark.parametrize("said", ['{"d6": 1, "10": 60, "deaf": true}', "{}"])
def test_a_panel_that_does_not_obey_is_unknown(tmp_path: Path, said: str, caplog: pytest.LogCaptureFixture) -> None:
    told: list[Light] = []
    clock = PanelClock(Ddc(stand_in(tmp_path / "ddc", DDC, said)), told.append, now=lambda: at("23:00"))
    clock.follow(PLAN)
    assert [clock.keep(), clock.keep()] == [Light("unknown")] * 2
    assert len(caplog.records) == 1  # said once, not every half minute


def test_a_tool_that_is_not_there(tmp_path: Path) -> None:
    told: list[Light] = []
    assert PanelClock(Ddc([str(tmp_path / "nothing")]), told.append).keep() == Light("unknown")


def test_auto_takes_what_the_machine_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tools").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "tools"))
    assert panel_power.port_of("auto", tmp_path / "none") is None
    for tool, made in (("cec-ctl", Cec), ("ddcutil", Ddc)):
        path = tmp_path / "tools" / tool
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        assert isinstance(panel_power.port_of("auto", tmp_path / "none"), made)
    (tmp_path / "lights" / "intel").mkdir(parents=True)
    assert isinstance(panel_power.port_of("auto", tmp_path / "lights"), Backlight)
    assert panel_power.port_of("none", tmp_path / "lights") is None
