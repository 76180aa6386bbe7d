"""Whether writes end: by those that shoppers and devices make, and by a row of our own while nobody writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from edge.errors import JournalBroken, JournalHeldUp

EVERY_S: Final = 1.0
"""How often it looks, and how often a storage that takes nothing is tried again."""
IDLE_S: Final = 4.0
"""After so long without a write, one is made."""
WITHIN_S: Final = 10.0
"""A write must have ended within this time, or the journal counts as stuck."""
ROOM: Final = 64 * 1024
"""Bytes that must be free before a full disk counts as mended."""


class Pulse:
    """When the last write ended, and how. Make it inside the event loop; `begin` it when the writer runs."""

    def __init__(self, probe: Callable[[int], asyncio.Future[None]]) -> None:
        self._probe = probe
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._asked: asyncio.Future[None] | None = None
        self._held = self._answered = self._loop.time()
        self.held_up: JournalHeldUp | None = None
        """Why the storage took nothing the last time; none when it did."""
        self.broken = asyncio.Event()
        """Set when the disk cannot be trusted any more: the process must end."""

    @property
    def writes(self) -> bool:
        """Whether a write ended well within the last seconds, and none has failed since."""
        return self.held_up is None and not self.broken.is_set() and self._age(self._held) < WITHIN_S

    @property
    def answers(self) -> bool:
        """Whether the storage said anything within the last seconds, be it no: a restart would not make it say more."""
        return not self.broken.is_set() and self._age(self._answered) < WITHIN_S

    def begin(self) -> None:
        """Look from now on."""
        self._held = self._answered = self._loop.time()
        self._timer = self._loop.call_later(EVERY_S, self._look)

    def end(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def landed(self) -> None:
        """A commit is on the disk."""
        self._held = self._answered = self._loop.time()
        self.held_up = None

    def failed(self, error: BaseException) -> None:
        """A write failed, perhaps by the storage."""
        if isinstance(error, JournalBroken):
            self.broken.set()
        elif isinstance(error, JournalHeldUp):
            self.held_up, self._answered = error, self._loop.time()

    def _look(self) -> None:
        self._timer = self._loop.call_later(EVERY_S, self._look)
        waiting = self._asked is not None and not self._asked.done()
        if not waiting and not self.broken.is_set() and (self.held_up or self._age(self._held) > IDLE_S):
            # Whoever watches the readiness sends no shoppers to a full disk, so nobody's try would show the space.
            self._asked = self._probe(ROOM if self.held_up else 0)
            self._asked.add_done_callback(_ignore_outcome)

    def _age(self, moment: float) -> float:
        return self._loop.time() - moment


def _ignore_outcome(probe: asyncio.Future[None]) -> None:
    """How it ended is told by `landed` and `failed`; here it is only taken note of."""
    if not probe.cancelled():
        probe.exception()
