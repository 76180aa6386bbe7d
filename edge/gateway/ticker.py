"""Time passes: every second the decisions that time alone asks for are made. The only clock they have is `tx.now`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog

from edge.errors import JournalClosed, JournalError, Refusal
from edge.journal import Tx
from edge.journal.journal import Journal

log = structlog.get_logger(__name__)

PAUSE_S: Final = 1.0


class Ticker:
    """Calls each decision once a second, for as long as the gateway runs."""

    def __init__(self, journal: Journal, decisions: Sequence[Callable[[Tx], Any]], pause_s: float = PAUSE_S) -> None:
        self._journal = journal
        self._decisions = decisions
        self._pause_s = pause_s

    async def run(self) -> None:
        """Until it is cancelled. What one decision cannot do now, it does a second later; the others go on."""
        while True:
            results = await asyncio.gather(
                *(self._journal.write(decision) for decision in self._decisions), return_exceptions=True
            )
            for decision, result in zip(self._decisions, results, strict=True):
                if isinstance(result, JournalClosed):
                    return
                if isinstance(result, BaseException) and not isinstance(result, JournalError | Refusal):
                    log.error("caretaker.failed", decision=decision.__module__, exc_info=result)
            await asyncio.sleep(self._pause_s)
