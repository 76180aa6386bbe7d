"""Which browser opened which code just now. In memory: after a restart a shopper scans once more."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

HERE_S: Final = 15 * 60.0
"""For so long whoever opened a code counts as standing there."""
MAX_KNOWN: Final = 20_000


class RecentScans:
    """Remembers the newest openings."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._opened: dict[tuple[str, str], float] = {}

    def note(self, browser: str, touchpoint: str) -> None:
        """The browser opens the page of this code."""
        self._opened.pop((browser, touchpoint), None)
        if len(self._opened) >= MAX_KNOWN:
            del self._opened[next(iter(self._opened))]
        self._opened[browser, touchpoint] = self._clock()

    def at(self, browser: str | None, touchpoint: str) -> bool:
        """Whether the browser opened this code just now."""
        moment = self._opened.get((browser or "", touchpoint))
        return moment is not None and self._clock() - moment <= HERE_S
