"""How long to wait before the next attempt to connect."""

from __future__ import annotations

import random
from typing import Final

STABLE_S: Final = 300.0
"""A connection that held this long, in seconds, was a good one."""


class Backoff:
    """Full jitter: any time up to a ceiling that doubles from `shortest` to `longest` seconds, so that a store full of
    devices does not return all at once. Only a connection that stayed for five minutes brings the ceiling down again.
    """

    def __init__(self, shortest: float = 1.0, longest: float = 60.0, chance: random.Random | None = None) -> None:
        self._shortest = shortest
        self._longest = longest
        self._chance = chance or random.Random()  # noqa: S311 - spreads devices, keeps no secret
        self._failures = 0

    def wait(self) -> float:
        """Seconds to wait now; each call is one more failure."""
        ceiling = min(self._longest, self._shortest * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return self._chance.uniform(0, ceiling)

    def connection_lasted(self, seconds: float) -> None:
        """Notes how long the connection lasted that has just ended, in seconds."""
        if seconds >= STABLE_S:
            self._failures = 0
