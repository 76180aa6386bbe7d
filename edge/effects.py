"""Doing comes after deciding: carries orders out over the bus, and sees to it that each end becomes a fact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from device_drivers.contract import Outcome, Reply
from edge.bus import Bus, NoReply
from edge.domain.orders import Hop, Order
from edge.errors import BusDown, JournalClosed, JournalFull
from edge.journal import Journal

log = structlog.get_logger(__name__)

FULL_PAUSE_S: Final = 1.0
"""How long to wait before an outcome that found no space on the disk is written again."""

_AT_THE_LOCK: Final = frozenset({"jammed", "not_docked", "bad_door", "paper_out", "cover_open", "unknown"})


class Effects:
    """What is under way between the journal and the devices."""

    def __init__(self, bus: Bus, journal: Journal, ttl_ms: int, on_sent: Callable[[Order], None]) -> None:
        self._bus = bus
        self._journal = journal
        self._ttl_ms = ttl_ms
        self._on_sent = on_sent
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, order: Order) -> asyncio.Task[None]:
        """Carry an order out in the background. Call it once the fact that asks for it is committed.

        The task ends when the outcome is a fact; who waits for it must not cancel it.
        """
        task = asyncio.get_running_loop().create_task(self._carry_out(order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """Wait for what is under way; its ends are written before the journal closes."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._ttl_ms / 1000 + 1)

    async def _carry_out(self, order: Order) -> None:
        outcome, reason, hop = await self._ask(order)
        await self.record(order, outcome, reason, hop)

    async def _ask(self, order: Order) -> tuple[str, str | None, Hop]:
        try:
            reply = await self._bus.call(
                order.device,
                order.verb,
                order.args,
                id=order.id,
                fence=order.fence,
                ttl_ms=order.ttl_ms or self._ttl_ms,
                on_sent=lambda: self._on_sent(order),
            )
        except NoReply:
            return "lapsed", "no_reply", "device"
        except BusDown:
            return "lapsed", "broker_away", "broker"
        return reply.outcome.value, reply.reason, hop_of(reply)

    async def record(self, order: Order, outcome: str, reason: str | None, hop: Hop) -> None:
        """Make an end a fact. A full disk delays it; it is written as soon as there is space."""
        while True:
            try:
                await self._journal.write(order.settle, str(order.id), outcome, reason, hop)
            except JournalFull:
                await asyncio.sleep(FULL_PAUSE_S)
            except JournalClosed:
                log.warning("order.unrecorded", order=str(order.id), outcome=outcome)
                return
            else:
                return


def hop_of(reply: Reply) -> Hop:
    """How far an order came that did not succeed: to the device, or to the lock behind it."""
    reason = reply.reason or reply.outcome
    return "lock" if reason in _AT_THE_LOCK or reply.outcome is Outcome.FAILED else "device"
