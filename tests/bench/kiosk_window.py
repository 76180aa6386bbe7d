"""A kiosk's window that measures itself: `python -m tests.bench.kiosk_window WHAT FOLDER`; it prints one line of JSON.

`bare` is Kivy alone at the same size: a window that draws a full frame at each turn, a button, a list that is moved.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from kiosk_ui import app as kiosk_app

SIZE: Final = (720, 1280)
BEGAN: Final = time.monotonic() - time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)
NOBODY: Final = {"gateway": "http://127.0.0.1:9", "code": "x"}
TAPS: Final = 40
MOVES: Final = 120
FLICK: Final = 1 / 30
"""Part of the glass that a finger moves a list by from frame to frame: two of it a second at 60 frames."""
SCANS: Final = 20
READS_S: Final = 1.5
"""So long somebody looks at the first screen before they touch it again."""
GONE_S: Final = 1.5
"""So long after one has gone the next one comes."""
STILL_S: Final = 20
AHEAD_S: Final = 5.0
"""By then is made what the window makes once somebody has gone; it costs once, and not as long as an item stands."""
DAY_S: Final = 86_400
STEP_S: Final = 10


def prepare(folder: Path) -> Any:
    """Kivy without a display, and what the kiosk would be started with."""
    options = kiosk_app.Options(device="screen-baby", port=0, folder=folder, offscreen=True, size=SIZE)
    kiosk_app.prepare(options, offscreen=True)
    return options


def wall(count: int = 12) -> Any:
    """What the gateway wants."""
    from tests.kiosk_ui.bodies import make_body, make_coupon
    from tests.kiosk_ui.wire import parse

    now = datetime.now(UTC)
    coupons = [make_coupon(place % 7, now, 36_000, ends_at=None, id=f"c{place}") for place in range(count)]
    return parse(make_body(coupons, languages=["zh-CN", "en", "de"], service=NOBODY))


def memory_mb() -> float:
    """What is resident now, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Frames:
    """Waits for frames: runs Kivy's own loop by hand.

    Each is waited for until it is drawn: without a display a software renderer queues them, and never draws most.
    """

    def __init__(self) -> None:
        from kivy.base import EventLoop
        from kivy.clock import Clock
        from kivy.core.window import Window
        from kivy.graphics.opengl import glFinish

        Clock._max_fps = 0
        self._loop, self._flips = EventLoop, 0
        Window.bind(on_flip=self._flipped)
        Window.bind(on_flip=lambda *_: glFinish())

    def _flipped(self, *_: object) -> None:
        self._flips += 1

    def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Turns the loop until it is so."""
        ends = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > ends:
                raise SystemExit("it did not happen")
            self._loop.idle()

    def one(self) -> None:
        """Until another frame was drawn."""
        before = self._flips
        self.until(lambda: self._flips > before)

    def turn(self, seconds: float) -> int:
        """Turns the loop for so long; how many frames that were."""
        before, ends = self._flips, time.monotonic() + seconds
        while time.monotonic() < ends:
            self._loop.idle()
        return self._flips - before


def opened(folder: Path) -> tuple[Any, Frames, float]:
    """The kiosk with its wall on the glass, and how long after the process began that was."""
    options = prepare(folder)
    from kivy.base import runTouchApp

    from kiosk_ui.window import Kiosk

    kiosk = Kiosk(options, offscreen=True)
    kiosk.load_config()
    root = kiosk.build()
    kiosk.root = root
    from kivy.core.window import Window

    Window.add_widget(root)
    runTouchApp(embedded=True)
    frames = Frames()
    kiosk.show_backdrop(wall())
    frames.one()
    return kiosk, frames, time.monotonic() - BEGAN


Took = tuple[float, float]
"""Seconds by the clock, and of the processors: on a busy machine only those are the window's own."""


def since(began: Took) -> Took:
    """How long that took."""
    return time.perf_counter() - began[0], time.process_time() - began[1]


def clocks() -> Took:
    """Both of them now."""
    return time.perf_counter(), time.process_time()


def tap(widget: Any, frames: Frames) -> Took:
    """From a finger that is lifted to the frame that shows what it did."""
    from kivy.core.window import Window

    from kiosk_ui.remote_glass import Finger
    from kiosk_ui.widgets.glass import Fingers

    hand, (x, y) = Fingers(), widget.to_window(*widget.center)
    where = x / Window.width, 1 - y / Window.height
    hand.touch((Finger(0, "down", *where),))
    frames.one()
    began = clocks()
    hand.touch((Finger(0, "up", *where),))
    frames.one()
    return since(began)


def key(root: Any, kind: str) -> Any:
    """The first key of that class."""
    return next(widget for widget in root.walk() if type(widget).__name__ == kind)


def measure_scans(kiosk: Any, frames: Frames) -> list[Took]:
    """From the scene of a product that arrives to the frame that shows it, from the loop that attracts on."""
    from tests.kiosk_ui.bodies import make_product
    from tests.kiosk_ui.wire import parse_scene

    found = []
    for number in range(SCANS):
        scene = parse_scene(make_product(price=1000 + number))
        began = clocks()
        kiosk.show_scene(scene)
        frames.one()
        found.append(since(began))
        kiosk.close_scene()
        kiosk.end()
        frames.turn(GONE_S)
    return found


def letters_key(kiosk: Any) -> Any:
    """The key for the size of letters: on the screen, or in the bar under what is framed."""
    bar = kiosk.access.stage.bar
    return key(kiosk.scene, "SizeKey") if bar is None else next(each for each in bar.walk() if is_sign(each, "letters"))


def is_sign(widget: Any, sign: str) -> bool:
    """Whether this sign stands on the key."""
    return getattr(widget, "sign", "") == sign


def measure_taps(kiosk: Any, frames: Frames) -> list[Took]:
    """Between the home and the list of offers, and through the three sizes of letters."""
    found = []
    kiosk.open("home")
    frames.one()
    frames.turn(READS_S)
    for _ in range(TAPS // 5):
        for kind in ("EveryKey", "StepBackKey", "", "", ""):
            found.append(tap(key(kiosk.scene, kind) if kind else letters_key(kiosk), frames))
            frames.turn(0.05)
    return found


def moved(rows: Any, frames: Frames) -> Took:
    """A frame while the list is moved to its end and back."""
    began = clocks()
    for move in range(MOVES):
        rows.scroll_y = abs(1 - 2 * move / MOVES)
        frames.one()
    return each_of(MOVES, since(began))


def flicked(rows: Any, frames: Frames) -> Took:
    """A frame while the list is moved as fast as a finger moves it."""
    beyond = rows.layout_manager.height - rows.height
    began = clocks()
    for move in range(MOVES):
        rows.scroll_y = 1 - move * FLICK * SIZE[1] / beyond
        frames.one()
    return each_of(MOVES, since(began))


def each_of(count: int, took: Took) -> Took:
    """One of so many."""
    return took[0] / count, took[1] / count


def kiosk_figures(folder: Path) -> dict[str, Any]:
    """Everything but the day."""
    kiosk, frames, first = opened(folder)
    frames.turn(0.5)
    scans = measure_scans(kiosk, frames)
    taps = measure_taps(kiosk, frames)
    kiosk.show_backdrop(wall(60))
    kiosk.open("offers")
    frames.turn(0.3)
    rows = key(kiosk.scene, "Rows")
    scrolled, flick = moved(rows, frames), flicked(rows, frames)
    most = memory_mb()
    tap(letters_key(kiosk), frames)
    frames.turn(AHEAD_S)
    in_use = memory_mb()
    kiosk.end()
    frames.turn(AHEAD_S)
    used = still()
    return {
        "first_s": first,
        "taps_s": taps,
        "scans_s": scans,
        "frame_s": scrolled,
        "flick_s": flick,
        "most_mb": most,
        "in_use_mb": in_use,
        "memory_mb": memory_mb(),
        "still": used,
    }


def still() -> list[float]:
    """Part of a core, second by second, at the pace of a kiosk: of an item that stands still, and where one follows the
    other, of that as well.
    """
    from kivy.base import EventLoop
    from kivy.clock import Clock

    Clock._max_fps = kiosk_app.OFFSCREEN_FPS
    seconds = []
    for _ in range(STILL_S):
        before, began = time.process_time(), time.monotonic()
        while time.monotonic() - began < 1:
            EventLoop.idle()
        seconds.append((time.process_time() - before) / (time.monotonic() - began))
    return seconds


def bare_figures(folder: Path) -> dict[str, Any]:
    """Kivy alone: the first frame of a button, a tap on it, and a window that is drawn whole at each turn."""
    prepare(folder)
    from kivy.base import runTouchApp
    from kivy.core.window import Window
    from kivy.uix.button import Button

    button = Button(text="0")
    Window.add_widget(button)
    runTouchApp(embedded=True)
    frames = Frames()
    button.bind(on_release=lambda each: setattr(each, "text", each.text + "0"))
    frames.one()
    first = time.monotonic() - BEGAN
    taps = [tap(button, frames) for _ in range(TAPS)]
    began = clocks()
    for turn in range(MOVES):
        button.background_color = (turn / MOVES, 0.5, 0.5, 1)
        frames.one()
    return {
        "first_s": first,
        "taps_s": taps,
        "frame_s": each_of(MOVES, since(began)),
        "memory_mb": memory_mb(),
    }


def day_figures(folder: Path, seconds: int = DAY_S) -> dict[str, Any]:
    """A day of the loop that attracts, its clock moved on by hand."""
    kiosk, frames, _first = opened(folder)
    from kiosk_ui import window
    from kiosk_ui.screen import Moment

    shift = 0.0
    window._now = lambda: Moment(  # type: ignore[attr-defined]
        time.monotonic() + shift, datetime.now(UTC) + timedelta(seconds=shift)
    )
    sizes = []
    for step in range(seconds // STEP_S):
        shift += STEP_S
        if step % 3 == 0:
            kiosk.show_backdrop(wall())
        kiosk._tick(1)
        frames.one() if step % 6 == 0 else frames.turn(0)
        if step % 60 == 59:
            frames.turn(0.7)
            sizes.append(memory_mb())
    return {"memory_mb": sizes, "most_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}


def main() -> None:
    what, folder = sys.argv[1], Path(sys.argv[2])
    figures = {"kiosk": kiosk_figures, "bare": bare_figures}
    print(json.dumps(figures[what](folder) if what in figures else day_figures(folder, int(what))))


if __name__ == "__main__":
    main()
