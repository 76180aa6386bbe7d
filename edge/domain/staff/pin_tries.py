"""How long wrong PINs and passwords make the next try wait.

Wrong tries are counted for a name at one place, a browser that this person has used or else an address, and for the
name at all strange places together. Each count leaks: one try is forgotten after a while, whoever logs in meanwhile. So
somebody else's right PIN buys a guesser nothing, and a slip of the finger each morning never adds up.
"""

from __future__ import annotations

from typing import Final

import msgspec


class TryLimit(msgspec.Struct, frozen=True):
    """What one count allows."""

    free: int
    """So many wrong ones cost nothing: fingers slip."""
    first_ms: int
    """The wait after that; it doubles with each further one."""
    longest_ms: int
    leak_ms: int
    """One wrong try is forgotten after this long."""


HERE: Final = TryLimit(free=3, first_ms=15_000, longest_ms=12 * 3_600_000, leak_ms=8 * 3_600_000)
"""A name at one place. In a year some 1,100 tries: a thousandth of the PINs of six digits."""
EVERYWHERE: Final = TryLimit(free=10, first_ms=15_000, longest_ms=6 * 3_600_000, leak_ms=2 * 3_600_000)
"""A name at all strange places together: in a year some 4,400 tries, however many addresses somebody has."""


class Tries(msgspec.Struct, frozen=True):
    """One count: so many wrong ones, the wait that the last of them brought, and when it was."""

    failures: int = 0
    delay_ms: int = 0
    failed_ms: int = 0

    def wait(self, now: int) -> int:
        """How many milliseconds the next try has to wait; 0 is none."""
        passed = now - self.failed_ms
        # A clock that was set back must not open the door early, nor keep it shut for days.
        return max(0, self.delay_ms - passed) if passed >= 0 else self.delay_ms

    def left(self, now: int, pace: TryLimit) -> int:
        """How many wrong ones still count."""
        return max(0, self.failures - max(0, now - self.failed_ms) // pace.leak_ms)

    def failed(self, now: int, pace: TryLimit) -> Tries:
        """The count with one more."""
        failures = self.left(now, pace) + 1
        beyond = failures - pace.free
        delay = min(pace.longest_ms, pace.first_ms * 2 ** min(beyond, 24)) if beyond >= 0 else 0
        return Tries(failures, delay, now)
