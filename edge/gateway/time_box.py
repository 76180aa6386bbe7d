"""How long a price may take: whoever waits for it does not wait for the last proof that it is the best."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SEARCH_S: Final = 0.020
"""What is left of 30 ms makes the quote."""
LEAST: Final = 32
"""Partial sets that are looked at however busy the machine is: most baskets need fewer, and cost the same always."""


class TimeBox:
    """Asked after each partial set whether there is no more time; remembers at which one it said so."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._until = clock() + SEARCH_S
        self.ended_at: int | None = None

    def __call__(self, nodes: int) -> bool:
        """Returns whether the search shall end."""
        if nodes <= LEAST or self._clock() < self._until:
            return False
        self.ended_at = nodes
        return True
