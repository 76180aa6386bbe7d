"""Counts what a device did not accept, and says so at most once a minute."""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import Final

log = logging.getLogger(__name__)

EVERY_S: Final = 60.0


class Rejects:
    """Counters by kind. Touched on the network thread alone."""

    def __init__(self, device: str) -> None:
        self._device = device
        self.counts: Counter[str] = Counter()
        self._said: dict[str, float] = {}

    def count(self, kind: str, why: object) -> None:
        """One more of `kind`; the log gets a line a minute for each kind, with the latest reason."""
        self.counts[kind] += 1
        now = time.monotonic()
        if now - self._said.get(kind, -EVERY_S) >= EVERY_S:
            self._said[kind] = now
            log.warning("%s: %s (%d so far): %s", self._device, kind, self.counts[kind], why)
