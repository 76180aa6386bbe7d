from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kiosk_ui import app

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def options(tmp_path: Path) -> app.Options:
    return app.Options(device="screen-baby", folder=tmp_path, port=0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
@pytest.mark.parametrize(
    ("wanted", "environment", "offscreen"),
    [
        (None, {}, True),
        (None, {"DISPLAY": ":0"}, False),
        (None, {"SDL_VIDEODRIVER": "kmsdrm"}, False),
        (None, {"SDL_VIDEODRIVER": "offscreen", "DISPLAY": ":0"}, True),
        (True, {"DISPLAY": ":0"}, True),
        (False, {}, False),
    ],
)
def test_a_kiosk_without_a_display_draws_offscreen(
    tmp_path: Path, wanted: bool | None, environment: dict[str, str], offscreen: bool
) -> None:
    options = app.Options(device="screen-baby", folder=tmp_path, offscreen=wanted)
    assert app.is_offscreen(options, environment) is offscreen


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
    modules = "flow view view_scene texts grid theme picture driver app assets"
    code = (
        f"import sys\nfor name in '{modules}'.split(): __import__('kiosk_ui.' + name)\nsys.exit('kivy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
