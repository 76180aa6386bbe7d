"""The clock that runs on while a machine sleeps: what tells how long a command stood still on its way."""

from __future__ import annotations

import sys
import time

if sys.platform == "linux":

    def boot_ms() -> int:
        """Milliseconds since the machine was switched on, sleep included."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

else:

    def boot_ms() -> int:
        """Milliseconds of the monotonic clock, the nearest that this system has."""
        return time.monotonic_ns() // 1_000_000


class Uptime:
    """How long something has been up, counted from its making."""

    def __init__(self) -> None:
        self._began = boot_ms()

    def ms(self) -> int:
        """In milliseconds."""
        return boot_ms() - self._began
