"""The kiosk looks after its own glass: looks at it now and then, says what is wrong, and helps itself in three steps.

First everything is drawn anew, then the window is set up anew, then the process ends and whoever watches it starts it
again; that at most once in a while, for a broken panel is not mended by restarting for ever. Where the window's own
thread stands still, another one says so and ends the process.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from device_drivers.contract import Glass
from kiosk_ui.panel_check import Colour, PanelCheck, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from device_drivers.contract import FilmTrouble, Lit, Trouble
    from kiosk_ui.picture import Frame

log = logging.getLogger(__name__)

LOOK_S: Final = 30.0
"""A look costs one frame more, and some milliseconds."""
FIRST_S: Final = 4.0
"""The first look comes when the start is over."""
SOON_S: Final = 2.0
"""The next look, while something is wrong."""
STILL_S: Final = 20.0
"""A window that did nothing for so long is frozen: a machine that is only busy is back before."""
LEAVE_S: Final = 5.0
"""From saying so to ending the process: the word must get out."""
RESTART_S: Final = 600.0
"""A restart is tried once in so long."""
MARKS: Final[tuple[Colour, ...]] = (
    (255, 0, 255), (0, 255, 0), (255, 0, 0), (0, 0, 255), (255, 128, 0), (0, 255, 255),
)  # fmt: skip
"""Colours of the mark, in turn: strong ones, none of which a page has at its corner."""
SURE: Final = 2
"""So many looks in a row must be well after one that was not: a mark of long ago may still lie there."""
RESTART: Final = 75
"""Exit code of a process that wants to be started again; `EX_TEMPFAIL` of sysexits.h."""


class RepairableWindow(Protocol):
    """What is looked at and mended. Called from the window's own thread."""

    def marked(self, colour: Colour) -> Frame:
        """Everything drawn once more, with a mark in this colour at the top left; nobody sees it."""

    def redraw(self) -> None:
        """Draws everything from the state anew."""

    def set_up_again(self) -> None:
        """Size, direction, colours and widgets as they were at the start."""

    def leave(self, code: int) -> None:
        """Ends the process with this exit code, in order."""


class PanelStatus(Protocol):
    """What the machine says of its panels."""

    def connected(self) -> bool | None:
        """Whether one hangs there; None where nobody says."""

    def sizes(self) -> Sequence[tuple[int, int]]:
        """Of those that do, in pixels; empty where nobody says."""


class SelfRepair:
    """Looks, tells, mends."""

    def __init__(
        self,
        window: RepairableWindow,
        panel: PanelStatus,
        folder: Path,
        tell: Callable[[Glass], None],
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`folder` remembers when it last restarted. `tell` may be called from any thread."""
        self._window = window
        self._panel = panel
        self._restarted = folder / "restarted"
        self._tell = tell
        self._clock = clock
        self._wall = wall
        self._next = clock() + FIRST_S
        self._looks_wrong = 0
        self._looks_well = 0
        self._looks = secrets.randbelow(len(MARKS))
        self.glass = Glass()
        """What was told last."""
        self.lit: Lit = "unknown"
        """What the panel's own port says."""
        self.brightness: int | None = None
        self.films: FilmTrouble | None = None
        """Why stills stand in place of films."""
        self._beat = clock()
        self._stopped = threading.Event()

    @property
    def well(self) -> bool:
        """Whether what is drawn can be seen, as far as the kiosk knows."""
        return self.glass.trouble in (None, "wrong_size")

    def tick(self) -> None:
        """The window's thread lives; looks where it is time."""
        now = self._beat = self._clock()
        if now >= self._next:
            self._next = now + (SOON_S if self.look() or self._looks_wrong else LOOK_S)

    def look(self) -> Trouble | None:
        """One look, and what follows of it. Returns what is wrong."""
        self._looks += 1
        colour = MARKS[self._looks % len(MARKS)]
        seen = judge(self._window.marked(colour), colour, self._panel.sizes())
        found = "no_panel" if self._panel.connected() is False else seen.trouble
        if found is not None:
            self._looks_wrong, self._looks_well = self._looks_wrong + 1, 0
        else:
            self._looks_well += 1
            self._looks_wrong = 0 if self._looks_well >= SURE else self._looks_wrong
        # The first look may have fallen on a moment between two pictures: it is mended, not told.
        if found == "no_panel" or self._looks_wrong > 1 or self._looks_wrong == 0:
            self._say(found or (self.glass.trouble if self._looks_wrong else None), seen)
        if found is not None and found != "no_panel":
            self._mend(found)
        return found

    def _mend(self, found: Trouble) -> None:
        if self._looks_wrong == 1:
            self._window.redraw()
        elif self._looks_wrong == 2 or found in ("wrong_size", "upside_down"):
            log.warning("the glass is %s: the window is set up anew", found)
            self._window.set_up_again()
        elif self._may_restart():
            log.error("the glass is %s, and nothing helped: the kiosk starts again", found)
            self._window.leave(RESTART)

    def _say(self, found: Trouble | None, seen: PanelCheck) -> None:
        glass = Glass(found, seen.width, seen.height, self.lit, self.brightness, self.films)
        if found != self.glass.trouble:
            log.warning("the glass: %s", found or "well again")
        self.glass = glass
        self._tell(glass)

    def _may_restart(self) -> bool:
        """Once in a while; what cannot be remembered is not done."""
        try:
            last = float(self._restarted.read_text("ascii")) if self._restarted.exists() else 0.0
            if 0 <= self._wall() - last < RESTART_S:
                return False
            self._restarted.write_text(str(self._wall()), "ascii")
        except (OSError, ValueError):
            self._restarted.unlink(missing_ok=True)
            return False
        return True

    # --- beside the window's thread ---

    def watch(self, leave: Callable[[int], None] = os._exit, still_s: float = STILL_S) -> None:
        """Begins to watch the window's own thread: where it stands still, staff are told and the process ends."""
        threading.Thread(target=self._watch, args=(leave, still_s), name="watch", daemon=True).start()

    def stop(self) -> None:
        """The window closes: nobody beats any more."""
        self._stopped.set()

    def _watch(self, leave: Callable[[int], None], still_s: float) -> None:
        while not self._stopped.wait(1.0):
            if self._clock() - self._beat > still_s:
                log.error("the window stands still for %.0f s: the kiosk starts again", self._clock() - self._beat)
                self._tell(msgspec.structs.replace(self.glass, trouble="frozen"))
                if not self._stopped.wait(LEAVE_S) and self._clock() - self._beat > still_s:
                    leave(RESTART)
