"""Looks at screens at moments that nobody knows before: whether they show what they should.

The question is the one that staff ask for a picture, so that a screen cannot tell. What should stand there is asked of
the same function that the screen asks; where that is a file, the picture is held against it.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from edge.domain.devices import queries as device_queries
from edge.domain.displays import decisions
from edge.errors import JournalError
from signage.playing import content_of

if TYPE_CHECKING:
    from edge.gateway.decide import Decide
    from edge.gateway.device_views import DevicePicture
    from edge.gateway.picture_check import PictureVerdict
    from edge.journal import Reads
    from signage.playing import Play

log = structlog.get_logger(__name__)

DAY_S: Final = 86_400.0
EDGE_MS: Final = 1500
"""Around a change of items either may stand there: the clocks agree to about so much."""


class SpotChecks:
    """Make it with what it asks; `run` goes on for ever."""

    def __init__(
        self,
        reads: Reads,
        decide: Decide,
        look: Callable[[str], Awaitable[DevicePicture | None]],
        playing: Callable[[str, str, int], Play],
        file_of: Callable[[str], Path | None],
        a_day: int,
        chance: Callable[[], float] | None = None,
    ) -> None:
        """`playing(screen, zone, at_ms)`; `file_of(sha256)`; `a_day`: how often each screen is looked at."""
        self._reads = reads
        self._decide = decide
        self._look = look
        self._playing = playing
        self._file_of = file_of
        self._a_day = a_day
        self._chance = chance or secrets.SystemRandom().random

    async def run(self) -> None:
        """Looks for ever; where none are wanted, never."""
        while self._a_day:
            screens = self._screens()
            await asyncio.sleep(random_wait_s(self._a_day * max(1, len(screens)), self._chance()))
            if screens := self._screens():
                screen, zone = screens[int(self._chance() * len(screens))]
                try:
                    await self.look(screen, zone)
                except JournalError as error:
                    log.warning("look.not_noted", screen=screen, error=str(error))

    def _screens(self) -> list[tuple[str, str]]:
        """Those that are there and stand for a zone."""
        found = device_queries.devices(self._reads, "screen")
        return [(each.id, each.zone) for each in found if each.online and not each.attached_to]

    async def look(self, screen: str, zone: str) -> PictureVerdict:
        """One look, and the fact of it."""
        began = _now_ms()
        picture = await self._look(screen)
        moments = (began - EDGE_MS, began, _now_ms(), _now_ms() + EDGE_MS)
        plays = [self._playing(screen, zone, at) for at in moments]
        from edge.gateway.picture_check import check_picture  # noqa: PLC0415 - reading pictures is not what a store starts with

        found = await asyncio.to_thread(check_picture, picture, plays, self._file_of)
        if found.verdict != "in_use":
            play = found.play
            await self._decide(
                decisions.sample,
                device=screen,
                verdict=found.verdict,
                playlist=play.playlist if play else "",
                item=play.item.id if play else "",
                content=content_of(play.playlist, play.item) if play else "",
                distance=found.distance,
            )
        return found


def random_wait_s(a_day: float, chance: float) -> float:
    """Seconds until the next of so many a day: of no memory, so that none can be told from those before."""
    return -math.log(1.0 - chance) * DAY_S / a_day


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
