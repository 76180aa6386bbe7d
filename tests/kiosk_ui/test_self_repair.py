"""What a picture says of the glass, and in which order the kiosk helps itself. Without a window."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw

from device_drivers.contract import Glass
from kiosk_ui import panel
from kiosk_ui.panel_check import judge, mark_px
from kiosk_ui.picture import Frame
from kiosk_ui.self_repair import RESTART, SelfRepair

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MARK = (255, 0, 128)
SIZE = (540, 960)


def frame(ground: Any = "#F7F4ED", *, words: bool = True, at: str = "top", size: tuple[int, int] = SIZE) -> Frame:
    """A page, and where the mark lies on it."""
    picture = Image.new("RGBA", size, ground)
    draw = ImageDraw.Draw(picture)
    if words:
        draw.rectangle((40, 400, 460, 460), fill="#14231C")
    side = mark_px(*size)
    if at == "top":
        draw.rectangle((0, 0, side, side), fill=MARK)
    elif at == "bottom":
        draw.rectangle((size[0] - side, size[1] - side, size[0], size[1]), fill=MARK)
    return Frame(*size, picture.tobytes())


@pytest.mark.parametrize(
    ("seen", "trouble"),
    [
        (frame(), None),
        (frame(words=False), "white"),
        (frame("white", words=False), "white"),
        (frame("black", words=False), "black"),
        (frame("black", words=False, at=""), "black"),
        (frame("#0b3d2e", words=False), "black"),
        (frame(at="bottom"), "upside_down"),
        (frame(at=""), "frozen"),
    ],
)
def test_what_a_picture_says(seen: Frame, trouble: str | None) -> None:
    assert judge(seen, MARK).trouble == trouble


def test_one_line_of_small_text_is_a_picture() -> None:
    picture = Image.frombytes("RGBA", SIZE, frame(words=False).pixels)
    ImageDraw.Draw(picture).text((120, 480), "Fresh Life opens at 08:00", fill="#14231C", font_size=26)
    assert judge(Frame(*SIZE, picture.tobytes()), MARK).trouble is None


def test_either_way_round_is_right() -> None:
    assert judge(frame(), MARK, [(960, 540)]).trouble is None
    assert judge(frame(), MARK, [(1080, 1920), (540, 960)]).trouble is None
    assert judge(frame(), MARK, [(1080, 1920)]).trouble == "wrong_size"


class Glassy:
    """A window that is broken in one way until it is helped in the right one."""

    def __init__(self, seen: Callable[[Any], Frame], cure: str = "") -> None:
        self._seen = seen
        self._cure = cure
        self.helped: list[str] = []

    def marked(self, colour: Any) -> Frame:
        if self._cure in self.helped:
            seen = frame()
            return Frame(seen.width, seen.height, seen.pixels.replace(bytes([*MARK, 255]), bytes([*colour, 255])))
        return self._seen(colour)

    def redraw(self) -> None:
        self.helped.append("redraw")

    def set_up_again(self) -> None:
        self.helped.append("set up")

    def leave(self, code: int) -> None:
        self.helped.append(f"leave {code}")


class Hangs:
    """A panel at its socket, or not."""

    here: bool | None = True

    def connected(self) -> bool | None:
        return self.here

    def sizes(self) -> Sequence[tuple[int, int]]:
        return ()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("cure", "helped", "told"),
    [
        ("redraw", ["redraw"], [None]),
        ("set up", ["redraw", "set up"], ["white", None]),
        ("", ["redraw", "set up", f"leave {RESTART}"], ["white"]),
    ],
)
def test_help_comes_in_three_steps(tmp_path: Path, cure: str, helped: list[str], told: list[str | None]) -> None:
    window, said, clock = Glassy(lambda _colour: frame(words=False), cure), list[Glass](), Clock()
    repair = SelfRepair(window, Hangs(), tmp_path, said.append, clock, wall=lambda: 1e9 + clock.now)
    for _ in range(60):
        repair.tick()
        clock.now += 1
    assert window.helped == helped
    assert list(dict.fromkeys(each.trouble for each in said)) == told
    if not cure:
        clock.now += 3600
        repair.tick()
        assert window.helped == [*helped, f"leave {RESTART}"]


def test_without_a_panel_nothing_is_mended(tmp_path: Path) -> None:
    window, said = Glassy(lambda _colour: frame()), list[Glass]()
    hangs = Hangs()
    hangs.here = False
    repair = SelfRepair(window, hangs, tmp_path, said.append)
    assert [repair.look(), repair.look()] == ["no_panel", "no_panel"]
    assert [each.trouble for each in said] == ["no_panel"] * 2
    assert not window.helped
    assert not repair.well


STILL = """
    import sys, time
    from pathlib import Path
    from kiosk_ui.self_repair import SelfRepair
    repair = SelfRepair(None, None, Path(sys.argv[1]), lambda glass: print(glass.trouble, flush=True))
    repair.watch(still_s=0.2)
    time.sleep(600)  # the window's own thread: nothing of it beats
"""


def test_a_window_that_stands_still_ends_the_process(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(STILL), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == RESTART, done.stderr
    assert done.stdout.split() == ["frozen"]


@pytest.mark.parametrize(
    ("modes", "found"),
    [("1080x1920\n800x600\n", ((1080, 1920),)), ("1920x1080i\n", ((1920, 1080),)), ("", ()), ("nonsense", ())],
)
def test_the_size_of_a_panel(tmp_path: Path, modes: str, found: tuple[tuple[int, int], ...]) -> None:
    for name, status in (("card0-HDMI-A-1", "connected"), ("card0-DP-1", "disconnected")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "status").write_text(status)
        (tmp_path / name / "modes").write_text(modes)
    assert panel.sizes(tmp_path) == found
