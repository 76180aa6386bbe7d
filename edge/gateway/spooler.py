"""Hands slips to printers: one under way per printer, goes on after a restart by the tables.

It decides nothing. `edge.domain.printing.queue` says what a printer does next, `edge.gateway.effects` does it, and each
end is a fact; what this file keeps in memory is only whom to wake.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import structlog

from device_drivers.contract import Reply
from edge.domain.commands import DeviceCommand
from edge.domain.printing import decisions as printing
from edge.domain.printing import queries as print_queries
from edge.domain.printing import queue as print_queue
from edge.domain.printing.queue import Attempt, PrintStep
from edge.errors import JournalClosed, JournalError
from edge.gateway.effects import Effects, hop_of
from edge.journal.journal import Journal

log = structlog.get_logger(__name__)

PAUSE_S: Final = 1.0
"""How long to wait when the journal takes nothing."""
LONGEST_S: Final = 30.0
"""A printer's queue is looked at so often, whatever the clock says."""

Render = Callable[[Attempt], dict[str, Any]]


class Spooler:
    """One task for each printer. Make it inside the event loop; `stop` before the journal closes."""

    def __init__(
        self, journal: Journal, effects: Effects, connected: Callable[[], bool], render: Render, ttl_ms: int
    ) -> None:
        self._journal = journal
        self._effects = effects
        self._connected = connected
        self._render = render
        self._ttl_ms = ttl_ms
        self._wake: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopped = False
        self._late: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin with what the tables say: what was under way is asked about, what waited goes on."""
        lost = await self._journal.write(print_queue.reassign)
        lost = await self._journal.write(print_queue.reassign) or lost
        if lost:
            log.warning("slips.homeless", count=lost, why="the store has no printer")
        for row in print_queries.printers(self._journal.reads):
            self._wake[row.device] = asyncio.Event()
            self._begin(row.device)

    def _begin(self, printer: str, after_s: float = 0.0) -> None:
        task = asyncio.create_task(self._run(printer, after_s), name=f"spool {printer}")
        self._tasks[printer] = task
        task.add_done_callback(lambda ended: self._restart_if_failed(printer, ended))

    def _restart_if_failed(self, printer: str, task: asyncio.Task[None]) -> None:
        """A queue that failed begins again: one that stayed dead would lose every slip behind it without a word."""
        if task.cancelled() or self._stopped or (error := task.exception()) is None:
            return
        log.error("queue.failed", printer=printer, exc_info=error)
        self._begin(printer, PAUSE_S)

    async def stop(self) -> None:
        """Begin nothing more. What is under way is left to `Effects`, and asked about after the next start."""
        self._stopped = True
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), *self._late, return_exceptions=True)

    def wake(self) -> None:
        """Look at every queue: the broker is back, or something happened."""
        for event in self._wake.values():
            event.set()

    def late(self, device: str, reply: Reply) -> bool:
        """Take a reply that nobody waits for any more. False where it is none of ours."""
        if print_queries.fence_of(self._journal.reads, reply.id, device) is None:
            return False
        task = asyncio.create_task(self._record(reply))
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return True

    async def _record(self, reply: Reply) -> None:
        try:
            await self._journal.write(printing.settle, reply.id, reply.outcome.value, reply.reason, hop_of(reply))
        except JournalError:
            return  # it is asked about again

    async def _run(self, printer: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        wake = self._wake[printer]
        while True:
            wake.clear()
            try:
                step = await self._step(printer)
            except JournalClosed:
                return
            except JournalError:
                await asyncio.sleep(PAUSE_S)
                continue
            if step.what == "wait":
                await _sleep(wake, step.wait_ms)

    async def _step(self, printer: str) -> PrintStep:
        if not self._connected():
            # Nobody can be told anything, and nobody is to blame: nothing is held against the printer meanwhile.
            return PrintStep("wait")
        step = await self._journal.write(print_queue.advance, printer=printer)
        if step.attempt is not None:
            await self._tell(step.attempt)
        return step

    async def _tell(self, attempt: Attempt) -> None:
        try:
            document = self._render(attempt)
        except (ValueError, KeyError, TypeError) as error:
            # Without its words: what a slip says of somebody is no business of a log.
            why = type(error).__name__
            log.error("slip.unprintable", job=attempt.job, revision=attempt.revision, slip=attempt.slip, why=why)  # noqa: TRY400
            await self._journal.write(printing.settle, attempt.id, "refused", "bad_document", "gateway")
            return
        args = {"job": attempt.job, "revision": attempt.revision, "document": document}
        command = DeviceCommand(
            attempt.id, attempt.printer, "print", args, attempt.fence, printing.settle, self._ttl_ms
        )
        # Shielded: when the gateway stops, the answer is still recorded.
        await asyncio.shield(self._effects.begin(command))


async def _sleep(wake: asyncio.Event, wait_ms: int | None) -> None:
    seconds = LONGEST_S if wait_ms is None else wait_ms / 1000
    try:
        async with asyncio.timeout(min(max(seconds, 0.02), LONGEST_S)):
            await wake.wait()
    except TimeoutError:
        return
