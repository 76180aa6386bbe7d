"""Looks at the disk every few seconds: what it allows, what staff must see of it, what was lost for want of space."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from edge.domain.box.decisions import record_losses
from edge.domain.needs import NOW, SOON, WHEN_FREE, Need
from edge.domain.noun import Metric
from edge.errors import JournalClosed, JournalError
from operations.retention.space import Level, Space, days_left, level, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from edge.journal.journal import Journal

log = structlog.get_logger(__name__)

PAUSE_S: Final = 5.0
URGENCY: Final = {Level.FILLING: WHEN_FREE, Level.TIGHT: SOON, Level.SCARCE: NOW}


class DiskWatch:
    """One task beside the caretaker."""

    def __init__(self, journal: Journal, look: Callable[[Path], Space] = measure, pause_s: float = PAUSE_S) -> None:
        self._journal, self._look, self._pause_s = journal, look, pause_s
        self.level = Level.AMPLE
        self.space: Space | None = None
        """As it was a moment ago."""
        self.days: float | None = None
        """For how many days it is enough, as far as that can be told."""
        self._since_ms = 0

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.look()
            except JournalClosed:
                return
            except JournalError as error:
                log.warning("losses.not_told", error=str(error))
            await asyncio.sleep(self._pause_s)

    async def look(self) -> None:
        """Set what the journal may take, and state what was lost once that is over."""
        try:
            self.space = await asyncio.to_thread(self._look, self._journal.path)
        except OSError as error:
            log.warning("disk.not_measured", error=str(error))
            return
        before, self.level = self.level, level(self.space.used, self.level)
        if self.level is not before:
            self._since_ms = 0
            tell = log.warning if self.level > before else log.info
            tell("disk.level", level=self.level.name.lower(), used=round(self.space.used, 3), free=self.space.free)
        self._journal.scarce = self.level is Level.SCARCE
        await self._journal.write(record_losses, going_on=self._journal.scarce)

    def needs(self, now_ms: int) -> list[Need]:
        """What staff must see."""
        if self.level is Level.AMPLE or self.space is None:
            return []
        self._since_ms = self._since_ms or now_ms
        self.days = days_left(self._journal.reads, self.space, now_ms)
        details = {
            "percent": round(self.space.used * 100),
            "free": self.space.free,
            "days": None if self.days is None else int(self.days),
        }
        kind = f"disk_{self.level.name.lower()}"
        return [Need("disk", URGENCY[self.level], "", kind, self._since_ms, details)]

    def metrics(self) -> Iterable[Metric]:
        """The disk's figures."""
        if self.space is None:
            return
        yield Metric("storekeeper_disk_size_bytes", "The disk that the journal lies on", {(): self.space.total})
        yield Metric("storekeeper_disk_free_bytes", "What may still be written there", {(): self.space.free})
        yield Metric("storekeeper_disk_level", "0 ample, 1 filling, 2 tight, 3 scarce", {(): int(self.level)})
        yield Metric("storekeeper_journal_size_bytes", "The journal's file with its log", {(): self.space.journal})
