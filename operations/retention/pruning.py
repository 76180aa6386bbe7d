"""Lets facts leave the journal at night, and, where the disk is tight, what only tells how things went."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Final

import structlog

from edge.domain.box.queries import last
from edge.errors import JournalClosed, JournalError
from edge.journal import Tx
from edge.journal.facts import JournalPruned
from edge.journal.pruning import finish_pruning, prune, withhold
from edge.journal.reader import JournalReader
from edge.journal.snapshot_builder import Abandoned
from operations.retention.leaving import DAY_MS, MAX_SEGMENTS, SEGMENT, Leaving, may_leave, old_segments
from operations.retention.space import Level

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo
    from pathlib import Path

    from edge.journal.journal import Journal

log = structlog.get_logger(__name__)

PAUSE_S: Final = 600.0
NIGHT: Final = range(2, 5)
"""The hours, by the store's clock, in which facts leave."""
OVERDUE_MS: Final = 36 * 60 * 60 * 1000
"""After so long without a pruning the hour is none of its business."""
AGAIN_MS: Final = 20 * 60 * 60 * 1000
YOUNG_MS: Final = DAY_MS
"""So long every word stays, however tight the disk is."""


def now_of(tx: Tx) -> int:
    """The store's time."""
    return tx.now


class Pruning:
    """One task beside the caretaker."""

    def __init__(
        self, journal: Journal, status: Path, zone: tzinfo, level: Callable[[], Level], pause_s: float = PAUSE_S
    ) -> None:
        """`status` is what sync tells of the cloud, `level` how full the disk is."""
        self._journal, self._status, self._zone = journal, status, zone
        self._level, self._pause_s = level, pause_s
        said = last(journal.reads, JournalPruned)
        self._last_ms = said.at_ms if said else 0
        self._thinned = 0
        """Up to where nothing is left that only told how things went."""
        self.leaving: Leaving | None = None
        """What may leave, or what keeps it, as it was found last."""

    async def run(self) -> None:
        """Until it is cancelled. First of all, what an earlier pruning left undone."""
        while True:
            await asyncio.sleep(self._pause_s)
            try:
                await finish_pruning(self._journal)
                await self.look()
            except (JournalClosed, Abandoned):
                return
            except (JournalError, OSError, sqlite3.Error, ValueError) as error:
                log.warning("journal.not_pruned", error=str(error))

    async def look(self) -> bool:
        """Let leave what may, where it is time for that. Returns whether anything left."""
        now_ms = await self._journal.write(now_of)
        gone = False
        self.leaving = await asyncio.to_thread(may_leave, self._journal.path, self._status, now_ms)
        if self.leaving.any and self._is_time(now_ms):
            fact = await prune(self._journal, self.leaving.first, self._base(self.leaving.first), self.leaving.because)
            log.info("journal.pruned", facts=fact.facts, first=fact.first, because=fact.because)
            # Where much is left, it goes on with the next look.
            self._last_ms = now_ms if fact.facts < MAX_SEGMENTS * SEGMENT else self._last_ms
            gone = True
        if self._level() >= Level.TIGHT:
            gone = await self._thin(now_ms) or gone
        return gone

    def _base(self, first: int) -> int:
        with closing(JournalReader(self._journal.path)) as reader:
            return max(first - 1, reader.horizon().base)

    def _is_time(self, now_ms: int) -> bool:
        since = abs(now_ms - self._last_ms)  # one that is dated ahead, by a clock that ran ahead, is long ago too
        hour = datetime.fromtimestamp(now_ms / 1000, tz=self._zone).hour
        return since >= OVERDUE_MS or (since >= AGAIN_MS and hour in NIGHT)

    async def _thin(self, now_ms: int) -> bool:
        """What only told how things went goes, segment by segment from the oldest, until there is space."""
        with closing(JournalReader(self._journal.path)) as reader:
            here, newest = reader.horizon(), reader.last()[0]
        end = await asyncio.to_thread(old_segments, self._journal.path, here.first, newest, now_ms - YOUNG_MS) - 1
        if end > here.base:
            await prune(self._journal, here.first, end, "disk")
        gone, first = 0, max(here.first, self._thinned + 1)
        while first <= end and self._level() >= Level.TIGHT:
            upto = min((first - 1) // SEGMENT * SEGMENT + SEGMENT, end)
            gone += await withhold(self._journal, first, upto)
            self._thinned, first = upto, upto + 1
        if gone:
            log.warning("telemetry.let_go", facts=gone, upto=self._thinned, why="the disk is tight")
        return gone > 0
