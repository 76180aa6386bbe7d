"""How often one browser may ask. In memory: a restart forgives."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

from edge.web.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from edge.web.session import Sessions

MOST_KNOWN: Final = 5000


class Limit:
    """A bucket for each browser: `burst` at once, `per_s` for ever. One without our cookie is known by its address."""

    def __init__(self, sessions: Sessions, burst: int, per_s: float) -> None:
        self._sessions = sessions
        self._burst = burst
        self._per_s = per_s
        self._left: dict[tuple[str, str], tuple[float, float]] = {}
        """By browser: what is left, and when that was so by the monotonic clock."""

    def take(self, connection: HTTPConnection) -> None:
        """One more. Raises `Problem` too_many_scans."""
        host = connection.client.host if connection.client else ""
        who = (host, self._sessions.browser(connection) or "")
        now = time.monotonic()
        left, since = self._left.pop(who, (float(self._burst), now))
        left = min(self._burst, left + (now - since) * self._per_s)
        if len(self._left) >= MOST_KNOWN:
            del self._left[next(iter(self._left))]
        self._left[who] = (max(0.0, left - 1) if left >= 1 else left, now)
        if left < 1:
            raise Problem("too_many_scans", headers={"Retry-After": str(math.ceil(1 / self._per_s))})
