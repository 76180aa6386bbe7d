"""Work for the journal, in the order in which each device asked for it; devices do not wait for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from edge.errors import JournalClosed, JournalHeldUp

log = structlog.get_logger(__name__)

FULL_PAUSE_S: Final = 1.0
MAX_WAITING: Final = 1000
"""How many messages of one device may wait for the journal."""

Work = Callable[[], Awaitable[object]]


class DeviceQueues:
    """One queue a device, and a task for each that has work."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[Work, str]]] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}

    def put(self, device: str, work: Work, kind: str = "") -> bool:
        """Do it after what the same device asked for before. False where too much of that waits; what has a kind then
        takes the place of the one of its kind that waits, as nobody says it again.
        """
        waiting = self._waiting.setdefault(device, [])
        if len(waiting) >= MAX_WAITING:
            if not kind:
                return False
            waiting[1:] = [each for each in waiting[1:] if each[1] != kind]  # the first is under way
        waiting.append((work, kind))
        if device not in self._busy:
            self._begin(device)
        return True

    async def finish(self, within_s: float) -> None:
        """Wait until nothing is under way, but not longer than that."""
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=within_s)

    def _begin(self, device: str) -> None:
        task = asyncio.get_running_loop().create_task(self._drain(device))
        self._busy[device] = task
        task.add_done_callback(lambda ended: self._drained(device, ended))

    def _drained(self, device: str, task: asyncio.Task[None]) -> None:
        """A message that cannot be taken is dropped and told of; those after it, and every other device, go on."""
        del self._busy[device]
        waiting = self._waiting[device]
        if task.cancelled():
            waiting.clear()
        elif (error := task.exception()) is not None:
            log.error("device.message_failed", device=device, exc_info=error)
            del waiting[0]
        if waiting:
            self._begin(device)
        else:
            del self._waiting[device]

    async def _drain(self, device: str) -> None:
        waiting = self._waiting[device]
        while waiting:
            try:
                await waiting[0][0]()
            except JournalHeldUp:
                await asyncio.sleep(FULL_PAUSE_S)  # not acknowledged, not forgotten: again when there is space
                continue
            except JournalClosed:
                waiting.clear()
                return
            del waiting[0]
