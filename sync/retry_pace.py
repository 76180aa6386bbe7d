"""How long to wait before the next attempt: exponential, full jitter, so that stores do not come back all at once."""

from __future__ import annotations

import random
from typing import Final

FIRST_S: Final = 1.0
LONGEST_RETRY_AFTER_S: Final = 300.0
"""A `Retry-After` beyond this is not believed."""


class RetryPace:
    """Seconds to wait after each failure in a row. It never says to give up."""

    def __init__(self, ceiling_s: float, source: random.Random) -> None:
        self._ceiling = ceiling_s
        self._source = source
        self._failures = 0

    def failed(self, retry_after: float | None = None) -> float:
        """The wait after one more failure; not less than the other side asked for."""
        most = min(self._ceiling, FIRST_S * 2 ** min(self._failures, 16))
        self._failures += 1
        # Never quite zero: a refused connection costs nothing, and would be tried thousands of times a second.
        wait = max(0.05, self._source.uniform(0, most))
        return max(wait, min(retry_after, LONGEST_RETRY_AFTER_S)) if retry_after else wait

    def succeeded(self) -> None:
        """The next failure is the first one again."""
        self._failures = 0
