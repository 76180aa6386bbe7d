"""Keeps parts of shared budgets in the store, ahead of what it gives, so that an outage costs nothing."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from edge.domain.campaigns import leases, leasing
from edge.domain.campaigns import queries as campaigns
from edge.errors import JournalClosed, JournalError, Refusal
from edge.journal.journal import Journal
from operations.leases.wishing import Ask, NoAnswer

log = structlog.get_logger(__name__)

EVERY_S: Final = 30.0


class Leasing:
    """Asks the cloud for what is wished for, for as long as the gateway runs."""

    def __init__(self, journal: Journal, ask: Ask, every_s: float = EVERY_S) -> None:
        self._journal, self._ask, self._every_s = journal, ask, every_s

    async def run(self) -> None:
        """Until it is cancelled. What the cloud does not answer is asked again."""
        while True:
            try:
                await self.once()
            except JournalClosed:
                return
            except (JournalError, Refusal, NoAnswer) as error:
                log.warning("leasing.none", error=str(error))
            except Exception:  # whatever it is: without leases the store gives nothing of a shared budget
                log.exception("leasing.failed")
            await asyncio.sleep(self._every_s)

    async def once(self) -> int:
        """Ask for every wish there is, whatever came of the one before. Returns how many leases came. Raises `NoAnswer`
        where one had none, `Refusal` where what came is no lease of this store's.
        """
        stream = self._journal.stream.hex()
        reads = self._journal.reads
        came = 0
        failed: NoAnswer | Refusal | None = None
        for wish in leases.wishes(reads, campaigns.in_force(reads), stream=stream, now_ms=reads.now):
            try:
                lease = await asyncio.to_thread(self._ask, stream, wish)
                if lease is None:
                    await self._journal.write(leasing.exhausted, wish.campaign)
                else:
                    came += await self._journal.write(leasing.take, lease, stream=stream)
            except (NoAnswer, Refusal) as error:
                failed = error
        if failed is not None:
            raise failed
        return came
