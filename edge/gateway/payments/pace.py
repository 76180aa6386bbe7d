"""When a port is asked again: soon at first, then less often, for a day."""

from __future__ import annotations

from typing import Final

STEPS_S: Final = (2, 3, 5, 8, 13, 21, 34, 60)
"""While somebody may be paying."""
LATE_S: Final = 600.0
"""After the last moment to pay has passed by `GRACE_MS`."""
GRACE_MS: Final = 5 * 60_000
DAY_MS: Final = 24 * 3_600_000
"""After so long nobody asks by itself any more: staff has it on their page, and the day's bill decides."""
BACK_S: Final = (2, 10, 30, 60, 60, 60, 60)
"""For money that goes back; `LATE_S` after that."""


def query_delay_s(tries: int, now_ms: int, until_ms: int) -> float | None:
    """Seconds until a payment is asked for again, after so many questions; none where a day is over and the store asked
    once since it started.
    """
    if tries and now_ms > until_ms + DAY_MS:
        return None
    if now_ms > until_ms + GRACE_MS:
        return LATE_S
    return float(STEPS_S[min(tries, len(STEPS_S) - 1)])


def refund_delay_s(tries: int) -> float:
    """The same for money that goes back."""
    return float(BACK_S[tries]) if tries < len(BACK_S) else LATE_S
