"""Doing comes after deciding: carries orders out over the bus, and sees to it that each end becomes a fact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from device_drivers.contract import ContractError, Outcome, Reply
from device_drivers.contract import instruction as instruction_of
from edge.bus import Answer, Bus, NoReply
from edge.domain.commands import DeviceCommand
from edge.domain.endings import Hop
from edge.errors import JournalClosed, JournalHeldUp
from edge.journal.journal import Journal

log = structlog.get_logger(__name__)

FULL_PAUSE_S: Final = 1.0
"""How long to wait before an outcome that found no space on the disk is written again."""

_AT_THE_LOCK: Final = frozenset({"jammed", "not_docked", "bad_door", "paper_out", "cover_open", "unknown"})

Recorded = asyncio.Future[None]
"""Done when the outcome of a command is a fact."""


class Effects:
    """What is under way between the journal and the devices.

    A command is one call to the bus and one decision at its end, chained by callbacks: a task for each would cost as
    much as both.
    """

    def __init__(self, bus: Bus, journal: Journal, ttl_ms: int, on_sent: Callable[[DeviceCommand], None]) -> None:
        self._bus = bus
        self._journal = journal
        self._ttl_ms = ttl_ms
        self._on_sent = on_sent
        self._loop = asyncio.get_running_loop()
        self._open: set[asyncio.Future[None]] = set()

    def begin(self, command: DeviceCommand) -> asyncio.Future[None]:
        """Carry a command out in the background. Call it once the fact that asks for it is committed.

        The future is done when the outcome is a fact; who waits for it must not cancel it.
        """
        recorded = self._new_future()
        try:
            what = instruction_of(command.verb, command.args)
        except ContractError as error:
            # No device would take it, so none is asked; whoever asked hears so at once.
            log.error("order.outside_the_contract", device=command.device, order=command.id, error=str(error))  # noqa: TRY400
            self._write(recorded, command, "refused", "bad_args", "gateway")
            return recorded
        self._bus.send(
            command.device,
            what,
            id=command.id,
            fence=command.fence,
            ttl_ms=command.ttl_ms or self._ttl_ms,
            on_end=partial(self._ended, command, recorded),
            on_sent=partial(self._on_sent, command),
        )
        return recorded

    def record(self, command: DeviceCommand, outcome: str, reason: str | None, hop: Hop) -> asyncio.Future[None]:
        """Make an end a fact. A full disk delays it; it is written as soon as there is space."""
        recorded = self._new_future()
        self._write(recorded, command, outcome, reason, hop)
        return recorded

    async def stop(self) -> None:
        """Wait for what is under way; its ends are written before the journal closes."""
        if self._open:
            await asyncio.wait(self._open, timeout=longest_stop_s(self._ttl_ms))

    def _new_future(self) -> asyncio.Future[None]:
        recorded: asyncio.Future[None] = self._loop.create_future()
        self._open.add(recorded)
        return recorded

    def _ended(self, command: DeviceCommand, recorded: Recorded, answer: Answer) -> None:
        if isinstance(answer, Reply):
            self._write(recorded, command, answer.outcome, answer.reason, hop_of(answer))
        elif isinstance(answer, NoReply):
            self._write(recorded, command, "lapsed", "no_reply", "device")
        else:
            self._write(recorded, command, "lapsed", "broker_away", "broker")

    def _write(
        self, recorded: asyncio.Future[None], command: DeviceCommand, outcome: str, reason: str | None, hop: Hop
    ) -> None:
        written = self._journal.write(command.settle, command.id, outcome, reason, hop)
        again = partial(self._write, recorded, command, outcome, reason, hop)
        written.add_done_callback(partial(self._written, recorded, command, again))

    def _written(
        self,
        recorded: asyncio.Future[None],
        command: DeviceCommand,
        again: Callable[[], None],
        written: asyncio.Future[None],
    ) -> None:
        error = written.exception()
        if isinstance(error, JournalHeldUp):
            self._loop.call_later(FULL_PAUSE_S, again)
            return
        self._open.discard(recorded)
        if isinstance(error, JournalClosed):
            log.warning("order.unrecorded", order=command.id, verb=command.verb)
            error = None
        if recorded.done():
            return
        if error is None:
            recorded.set_result(None)
        else:
            recorded.set_exception(error)


def longest_stop_s(ttl_ms: int) -> float:
    """How long what is under way may take to end when the gateway stops."""
    return ttl_ms / 1000 + 1


def hop_of(reply: Reply) -> Hop:
    """How far a command came that did not succeed: to the device, or to the lock behind it."""
    reason = reply.reason or reply.outcome
    return "lock" if reason in _AT_THE_LOCK or reply.outcome is Outcome.FAILED else "device"
