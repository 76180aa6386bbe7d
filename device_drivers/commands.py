"""What a device does with a command: refuse it, answer it again, or carry it out once and in time."""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from device_drivers.contract import Command, Instruction, Observed, Outcome, Reason, Reply, Verb
from device_drivers.driver import EXPIRED, Result, over
from device_drivers.ledger import InProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from device_drivers.connection import Received
    from device_drivers.ledger import Ledger

log = logging.getLogger(__name__)

MAX_QUEUED: Final = 32
"""How many commands may wait for a busy driver; past this the answer is `busy`."""


class Admitted(msgspec.Struct, frozen=True):
    """A command that was let in."""

    command: Command
    deadline: float
    """`time.monotonic()` after which it has expired, in seconds."""
    correlation: bytes | None
    answered: Reply | None = None
    """How it was refused at once, though its fence counts: it is only noted, so that the fence outlives a restart."""


class SendReply(Protocol):
    """Sends a reply."""

    def __call__(self, reply: Reply, correlation: bytes | None) -> None: ...


class BootClock(Protocol):
    """The device's boot and how long it lasts."""

    @property
    def boot(self) -> str:
        """Its name."""

    def up_ms(self) -> int:
        """Milliseconds since it began, sleep included."""


class Commands:
    """The rules of contract section 1. `admit` runs on the network thread, `carry_out` on the worker."""

    def __init__(
        self,
        ledger: Ledger,
        capabilities: Sequence[str],
        act: Callable[[Instruction, float], Result],
        answer: SendReply,
        clock: BootClock,
    ) -> None:
        self._ledger = ledger
        self._capabilities = frozenset(capabilities)
        self._act = act
        self._answer = answer
        self._clock = clock
        self._waiting = 0
        self._lock = threading.Lock()

    def admit(self, command: Command, message: Received) -> Admitted | None:
        """The command to carry out, or None where there is nothing to do; what could be answered at once has been."""
        earlier = self._ledger.known_reply(command.id)
        if isinstance(earlier, InProgress):
            return None  # its reply follows, and once is enough
        if earlier is not None:
            self._answer(msgspec.structs.replace(earlier, repeated=True), message.correlation)
            return None
        deadline = self._deadline(command, message)
        reply = None
        if reason := self._refusal_reason(command, message, late=over(deadline)):
            reply = Reply(command.id, Outcome.REFUSED, reason)
            if not message.retained:
                self._ledger.remember(reply)
            self._answer(reply, message.correlation)
            if message.retained or reason is not Reason.BAD_ARGS:
                return None  # no fence was taken, or those that wait are noted with it
        else:
            self._ledger.begin(command.id)
        with self._lock:
            self._waiting += 1
        return Admitted(command, deadline, message.correlation, reply)

    def _refusal_reason(self, command: Command, message: Received, *, late: bool) -> Reason | None:
        """The contract's order: the fence before the time, the time before the arguments. What is late is noted and
        answered by `carry_out`, so that it stays expired over a restart.
        """
        if message.retained:
            return Reason.BAD_ARGS
        if message.expiry_s is None:
            return Reason.NO_EXPIRY
        if not self._ledger.raise_fence(command.fence):
            return Reason.STALE_FENCE
        if late:
            return None
        if command.verb not in self._capabilities or command.args is None:
            return Reason.BAD_ARGS
        return Reason.BUSY if self._waiting >= MAX_QUEUED else None

    def _is_stale(self, command: Command) -> bool:
        """Whether it was meant for another boot, or for a time that is over by the device's own clock."""
        if command.boot is not None and command.boot != self._clock.boot:
            return True
        return command.not_after_up_ms is not None and self._clock.up_ms() > command.not_after_up_ms

    def _deadline(self, command: Command, message: Received) -> float:
        """By the monotonic clock; in the past for what is too late already."""
        if self._is_stale(command):
            return -math.inf
        deadline = message.arrived + _left_s(command, message)
        if command.not_after_up_ms is None:
            return deadline
        return min(deadline, time.monotonic() + (command.not_after_up_ms - self._clock.up_ms()) / 1000)

    def carry_out(self, admitted: Admitted) -> None:
        """Notes the id, acts, answers, in this order."""
        command = admitted.command
        with self._lock:
            self._waiting -= 1
        try:
            self._ledger.record(command.id)
        except sqlite3.Error:
            # Without the note nothing keeps it from moving twice, so it does not move at all.
            log.exception("command %s cannot be noted", command.id)
            if admitted.answered is None:
                self._send(command, Result(Outcome.FAILED, Reason.INTERNAL), admitted.correlation)
            return
        if (reply := admitted.answered) is None:
            # Asked again: a machine that slept while the command waited has a monotonic clock that slept with it.
            late = over(admitted.deadline) or self._is_stale(command)
            result = EXPIRED if late else self._act(command.args, admitted.deadline)
            reply = self._send(command, result, admitted.correlation)
        try:
            lasting = _lasting(command, reply)
            self._ledger.finish(lasting)
            self._ledger.remember(lasting)
        except sqlite3.Error:
            log.exception("the reply to %s is in memory alone", command.id)

    def _send(self, command: Command, result: Result, correlation: bytes | None) -> Reply:
        reply = reply_of(command.id, result)
        # Remembered before it is sent: a repeat that crosses the reply is answered, not carried out.
        self._ledger.remember(reply)
        self._answer(reply, correlation)
        return reply


def _lasting(command: Command, reply: Reply) -> Reply:
    """What is written down of a reply: a picture is shown once and never stored."""
    return msgspec.structs.replace(reply, observed=Observed()) if command.verb == Verb.SNAPSHOT else reply


def _left_s(command: Command, message: Received) -> float:
    """Seconds until it expires: its ttl, less the whole seconds that the expiry property says were spent on the way."""
    granted = math.ceil(command.ttl_ms / 1000)
    spent = max(0, granted - (message.expiry_s or 0))
    return command.ttl_ms / 1000 - spent


def reply_of(id_: str, result: Result) -> Reply:
    """What a driver answered, in the contract's words. Raises `msgspec.ValidationError` where it is none of them."""
    reason = Reason(result.reason) if result.reason else None
    return Reply(id_, result.outcome, reason, msgspec.convert(result.observed, Observed))
