"""Signs of life of a service, for the service manager: that it is ready, and that it goes on."""

from __future__ import annotations

import math
import time

from edge.gateway.service_manager import notify, watchdog_s


class Watchdog:
    """Called by a service's own loop, over and over: the first call says that it is ready, later ones that it lives."""

    def __init__(self) -> None:
        patience = watchdog_s()
        self._every = patience / 4 if patience else math.inf
        self._next = -math.inf

    def __call__(self) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        notify("READY=1\nWATCHDOG=1" if self._next == -math.inf else "WATCHDOG=1")
        self._next = now + self._every
