"""The kiosk's process: checks what a window needs, sets Kivy up, joins the bus, and runs until it is told to stop.

Kivy reads its environment while it is imported and opens a window soon after, so nothing here imports it at the top.
"""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from device_drivers import extensions
from kiosk_ui import panel
from kiosk_ui.fitting import Fitting
from kiosk_ui.screen import Screen
from kiosk_ui.session import House
from kiosk_ui.theme import SHEET

log = logging.getLogger(__name__)

UNAVAILABLE: Final = 69
"""Exit code where the machine lacks something that the kiosk needs; `EX_UNAVAILABLE` of sysexits.h."""
FPS: Final = 30
OFFSCREEN_FPS: Final = 10
OFFSCREEN_SIZE: Final = (720, 1280)
"""Enough for a live picture on the store page, at under half of a full panel's cost in a software renderer."""
PACKAGES: Final = {"libGL.so.1": "libgl1", "libEGL.so.1": "libegl1"}


class Missing(RuntimeError):
    """The machine lacks something; the message says what, and what to install."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a kiosk runs."""

    device: str
    """Its own id on the bus, `screen-baby`."""
    store: str = "s001"
    host: str = "127.0.0.1"
    port: int = 1883
    """0 keeps it off the bus: for a bench, or a designer at a desk."""
    tls: bool = False
    authority: str | None = None
    """File of the store's own authority, which the broker's certificate must come of."""
    password: str | None = None
    password_in_clear: bool = False
    """It may cross the network unencrypted."""
    folder: Path
    """Where it keeps its own files: Kivy's configuration, the agent's memory. Made if missing."""
    offscreen: bool = False
    """Draw without a panel: for a demo, a test, a picture. Never by itself: a kiosk without a panel says so."""
    size: tuple[int, int] | None = None
    """Window in pixels. None: the whole panel; offscreen 720 by 1280."""
    house: House | None = None
    """The store, for when the gateway has said nothing and nothing is remembered."""
    place: tuple[int, int] | None = None
    """Left and top of the window on a desktop that spans several panels; with `size`. None: the whole of one panel."""
    panel: str = "auto"
    """How the panel's light is reached: `ddc`, `cec`, `backlight`, `none`, or `auto`, the first that is there."""
    fullscreen: bool = True
    """On a panel. A developer's desktop wants False."""
    demo: bool = False
    """Somebody on this machine may watch and touch it from the store page; see `remote_glass`."""
    more_screens: tuple[Any, ...] = ()
    """Further `kiosk_ui.screen.Screen`s, beside the kiosk's own."""
    fitting: Fitting = Fitting()
    """How it hangs where it hangs."""
    mm_per_pixel: float | None = None
    """Of the panel: its width in millimetres over its width in pixels. Buttons are never smaller than fingers need.
    None: a 15.6 inch panel.
    """


def screens_from_outside(names: Iterable[str]) -> tuple[Screen[Any, Any], ...]:
    """The screens of other packages by these names, without those that cannot be used: the log says why."""
    found = []
    for name in names:
        try:
            screen = extensions.load(extensions.SCREENS, name)
        except extensions.BrokenExtension as error:
            log.error("the screen %s is left out: %s", name, error)  # noqa: TRY400 - what raised is in the log already
            continue
        if isinstance(screen, Screen):
            found.append(screen)
        else:
            log.error("the screen %s is left out: it is a %s", name, type(screen).__name__)
    return tuple(found)


def check_machine(offscreen: bool) -> None:
    """Raises `Missing` where Kivy or the graphics libraries are not there, before SDL fails in its own words."""
    if importlib.util.find_spec("kivy") is None:
        raise Missing("the kiosk needs Kivy: pip install 'storekeeper[kiosk]'")
    if sys.platform != "linux":
        return
    for library in ("libGL.so.1", "libEGL.so.1") if offscreen else ("libGL.so.1",):
        try:
            ctypes.CDLL(library)
        except OSError:
            raise Missing(f"the kiosk needs {library}: apt-get install {PACKAGES[library]}") from None


def prepare(options: Options, offscreen: bool) -> None:
    """Sets what Kivy reads while it is imported, then its configuration."""
    home = options.folder / "kivy"
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "KIVY_NO_ARGS": "1",
        "KIVY_NO_FILELOG": "1",
        "KIVY_NO_CONSOLELOG": "1",
        "KIVY_LOG_MODE": "PYTHON",
        "KIVY_HOME": str(home),
        "KIVY_METRICS_DENSITY": "1",
        "KIVY_WINDOW": "sdl2",  # the others end the process where they find nothing to draw on
    }
    os.environ["SDL_VIDEODRIVER"] = "offscreen" if offscreen else panel.video_driver(os.environ)
    from kivy.config import Config

    width, height = options.size or (OFFSCREEN_SIZE if offscreen else SHEET)
    whole = options.fullscreen and not offscreen and options.size is None
    bare = whole or options.place is not None
    for section, key, value in (
        ("graphics", "width", str(width)),
        ("graphics", "height", str(height)),
        ("graphics", "fullscreen", "auto" if whole else "0"),
        ("graphics", "borderless", "1" if bare else "0"),
        ("graphics", "show_cursor", "0" if bare else "1"),
        ("graphics", "resizable", "0" if bare else "1"),
        ("graphics", "position", "custom" if options.place is not None else "auto"),
        ("graphics", "left", str(options.place[0] if options.place is not None else 0)),
        ("graphics", "top", str(options.place[1] if options.place is not None else 0)),
        ("graphics", "maxfps", str(OFFSCREEN_FPS if offscreen else FPS)),
        ("graphics", "multisamples", "0"),
        ("kivy", "exit_on_escape", "0"),
        ("input", "mouse", "mouse,disable_multitouch"),
    ):
        Config.set(section, key, value)


def run(options: Options, alive: Callable[[], None] = lambda: None) -> int:
    """Runs the kiosk until SIGTERM, SIGINT or its window's close. `alive` is called each second.

    Returns the exit code: 0, 69 where something is missing (a library, the panel), 75 where it wants to start again.
    """
    try:
        check_machine(options.offscreen)
        prepare(options, options.offscreen)
        open_window()
    except Missing as error:
        sys.stderr.write(f"storekeeper kiosk: {error}\n")
        return UNAVAILABLE
    from kiosk_ui.window import Kiosk

    kiosk = Kiosk(options, options.offscreen)
    kiosk.run_until_told(alive)
    return kiosk.exit_code


def open_window() -> None:
    """Raises `Missing` where there is nothing to open it on."""
    from kivy.core.window import Window

    if Window is None:
        raise Missing(panel.NONE)
