"""Looks once a second whether the box's clock jumped, and follows it when somebody who knows the time says that it is
right: a time daemon, the cloud, or staff.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import structlog

from device_drivers.trusted_time import synchronised
from edge.domain.store.decisions import check_clock
from edge.errors import JournalClosed, JournalError
from edge.journal.sync_status import cloud_now_ms, read_sync_status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge.journal.journal import Journal
    from edge.journal.steady_clock import SteadyClock

log = structlog.get_logger(__name__)

PAUSE_S: Final = 1.0
AGREES_MS: Final = 60_000
"""So near the cloud's time is to a clock that is right."""
FRESH_S: Final = 120
"""How long the cloud's word counts, by the boot clock."""


class ClockWatch:
    """One task beside the caretaker."""

    def __init__(self, journal: Journal, clock: SteadyClock, trusted: Callable[[], str]) -> None:
        """`trusted` names who says that the box's clock is right; "" where nobody does."""
        self._journal, self._clock, self._trusted = journal, clock, trusted

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.look()
            except JournalClosed:
                return
            except JournalError as error:
                log.warning("clock.not_noted", error=str(error))
            await asyncio.sleep(PAUSE_S)

    async def look(self) -> None:
        """Note what the clock does; accept it where somebody vouches for it."""
        apart = self._clock.apart_ms
        if apart and (why := self._trusted()):
            log.warning("clock.follows", by_ms=apart, why=why)
            self._clock.accept(why)
            apart = 0  # by the time that this is decided, it has been followed
        if await self._journal.write(check_clock, apart_ms=apart) and apart:
            self._clock.accept("staff")


def vouched(status: Path) -> str:
    """Who says that the box's clock is right: its time daemon, or the cloud by what the uplink noted in `status`."""
    if synchronised():
        return "time_server"
    return "cloud" if _cloud_agrees(status) else ""


def _cloud_agrees(status: Path) -> bool:
    now_ms = cloud_now_ms(read_sync_status(status), FRESH_S)
    return now_ms is not None and abs(now_ms - time.time() * 1000) <= AGREES_MS
