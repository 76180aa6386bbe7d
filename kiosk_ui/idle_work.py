"""What a window does while nobody waits: it makes what the next touch may open, and frees what nobody uses."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, Final

from kivy.clock import Clock

from kiosk_ui import resident

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE_S: Final = 0.4
"""For so long nothing must have changed: nobody touches or reads what comes up just now."""
OLD: Final = 100
"""While somebody is there Python looks through everything only after so many rounds of looking at what is young: it
would be in the middle of a touch."""


class IdleWork:
    """Of one window. `make` makes one thing, and says whether there was any; `alone` whether nobody is there."""

    def __init__(self, make: Callable[[], bool], alone: Callable[[], bool]) -> None:
        self._make, self._alone = make, alone
        self._next: Any = None
        self._used = True
        """Somebody has touched it or gone, or the window was opened."""
        self._often = gc.get_threshold()

    def changed(self, *, touched: bool = False) -> None:
        """Something else is to be seen: now somebody may wait. `touched` where somebody touched it or has gone."""
        self.stop()
        self._used = self._used or touched
        gc.set_threshold(*self._often[:2], self._often[2] if self._alone() else OLD)
        self._next = Clock.schedule_once(self._act, PAUSE_S)

    def stop(self) -> None:
        """Nothing is done any more."""
        if self._next is not None:
            self._next.cancel()

    def _act(self, _dt: float) -> None:
        if self._make():
            self.changed()
        elif self._used:
            self._used = False
            if self._alone():
                resident.free()
            else:
                resident.trim()
