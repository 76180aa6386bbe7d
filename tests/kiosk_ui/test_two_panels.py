"""Two panels on one box: a kiosk for each, beside each other on one desktop. The X server is real."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KIOSK = """
    import sys, threading
    from pathlib import Path
    from kiosk_ui.app import Options, open_window, prepare
    options = Options(
        device=sys.argv[1], folder=Path(sys.argv[2]), port=0, size=(300, 500), place=(int(sys.argv[3]), 0), panel="none"
    )
    prepare(options, False)
    open_window()
    from kivy.clock import Clock
    from kivy.core.window import Window
    from kiosk_ui.window import Kiosk
    kiosk = Kiosk(options, False)

    left = [600]

    def say(_dt):
        seen = ("at", Window.left, Window.top, *Window.system_size, Window.borderless)
        left[0] -= 1
        if seen != ("at", *options.place, *options.size, True) and left[0]:
            return True  # an X server that is busy places it later
        print(*seen, flush=True)
        # The window lives meanwhile: it ends a process in which it stands still.
        threading.Thread(target=end, daemon=True).start()
        return False

    def end():
        sys.stdin.readline()
        Clock.schedule_once(lambda _dt: kiosk.stop())

    Clock.schedule_interval(say, 0.1)
    kiosk.run_until_told()
"""


@pytest.fixture
def display() -> Iterator[str]:
    if shutil.which("Xvfb") is None:
        missing("Xvfb")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "600x500x24"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert server.stdout is not None
    yield f":{server.stdout.readline().decode().strip()}"
    server.terminate()
    server.wait(60)


def test_each_panel_has_its_kiosk(require: Callable[[str], None], display: str, tmp_path: Path) -> None:
    require("kivy")
    environment = {name: value for name, value in os.environ.items() if name != "SDL_VIDEODRIVER"} | {
        "DISPLAY": display
    }
    kiosks = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(KIOSK), name, str(tmp_path / name), left],
            env=environment | {"HOME": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for name, left in (("screen-a", "0"), ("screen-b", "300"))
    ]
    said = [kiosk.stdout.readline().split() for kiosk in kiosks if kiosk.stdout is not None]
    for kiosk in kiosks:
        kiosk.communicate("\n", timeout=60)
    assert said == [["at", left, "0", "300", "500", "True"] for left in ("0", "300")]
    assert [kiosk.returncode for kiosk in kiosks] == [0, 0]
