from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kiosk_ui import app, panel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def options(tmp_path: Path) -> app.Options:
    return app.Options(device="screen-baby", folder=tmp_path, port=0)


@pytest.mark.skipif(sys.platform != "linux", reason="panels are found by what Linux says")
@pytest.mark.parametrize("display", ["", ":77"], ids=["no display", "a display that is dead"])
def test_a_kiosk_without_a_panel_says_so_and_ends(tmp_path: Path, require: Callable[[str], None], display: str) -> None:
    """It must not look as if it worked: SDL by itself would draw for nobody."""
    require("kivy")
    script = (
        "import sys; from pathlib import Path; from kiosk_ui.app import Options, run; "
        f"sys.exit(run(Options(device='screen-baby', folder=Path({str(tmp_path)!r}), port=0)))"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("SDL_VIDEODRIVER", "DISPLAY")}
    if display:
        environment["DISPLAY"] = display
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == app.UNAVAILABLE, done.stderr
    assert "there is no panel here" in done.stderr


@pytest.mark.parametrize(
    ("environment", "driver"),
    [
        ({}, "kmsdrm"),
        ({"DISPLAY": ":0"}, "x11"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "wayland"),
        ({"SDL_VIDEODRIVER": "kmsdrm", "DISPLAY": ":0"}, "kmsdrm"),
    ],
)
def test_what_draws_is_named(environment: dict[str, str], driver: str) -> None:
    assert panel.video_driver(environment) == driver


@pytest.mark.parametrize(
    ("sockets", "connected"),
    [
        ({}, None),
        ({"card0-HDMI-A-1": "connected"}, True),
        ({"card0-HDMI-A-1": "disconnected", "card0-DP-1": "connected"}, True),
        ({"card0-HDMI-A-1": "disconnected", "card0-DP-1": "disconnected"}, False),
        ({"card0-Writeback-1": "unknown"}, None),
    ],
)
def test_a_panel_that_is_unplugged_is_known(tmp_path: Path, sockets: dict[str, str], connected: bool | None) -> None:
    for name, status in sockets.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "status").write_text(f"{status}\n", "ascii")
    assert panel.connected(tmp_path) is connected


def test_a_machine_without_graphics_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, options: app.Options, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_library(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(app.sys, "platform", "linux")
    monkeypatch.setattr(app.ctypes, "CDLL", no_library)
    assert app.run(options) == app.UNAVAILABLE == 69
    assert "apt-get install libgl1" in capsys.readouterr().err


def test_a_machine_without_kivy_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, options: app.Options, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app.importlib.util, "find_spec", lambda _name: None)
    assert app.run(options) == 69
    assert "storekeeper[kiosk]" in capsys.readouterr().err


def test_what_decides_knows_nothing_of_kivy() -> None:
    modules = "flow screen screens.registry jobs texts theme picture driver app assets veil"
    code = (
        f"import sys\nfor name in '{modules}'.split(): __import__('kiosk_ui.' + name)\nsys.exit('kivy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
