"""The conversation with an ESC/POS printer: how it is, a slip, and whether the slip came out."""

from __future__ import annotations

import contextlib
import random
import time
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from device_drivers.contract import Reason
from device_drivers.printers.escpos_markers import Numbered, Ordered, Silent
from device_drivers.printers.escpos_status import (
    CLEAR,
    CLEARED,
    ERROR_CAUSE,
    FLUSH,
    MODEL,
    PAPER_ANSWERS,
    PAPER_STATUS,
    QUESTIONS,
    UNKNOWN,
    Condition,
    Replies,
    condition,
    question,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from device_drivers.printers.escpos_bytes import SlipBytes
    from device_drivers.printers.escpos_markers import Markers
    from device_drivers.transports import Transport

CHUNK: Final = 256
"""Bytes per write: a slow line takes them well within a transport's patience."""
LOOK_S: Final = 0.5
"""How often a printer that is at it is asked how it is."""
CLEAR_S: Final = 1.0
QUIET_S: Final = 1.0
"""After a broken-off job, replies to it may still come; they have, when nothing came for this long."""
SURPLUS_S: Final = 0.2
"""After the last answer of a printer whose answers look alike: one more within this shows that one was noise."""

Confirm = Literal["order", "process_id", "status", "none"]
Printed = Literal["yes", "no", "unknown"]


class SlipResult(msgspec.Struct, frozen=True):
    """How a slip that was sent ended."""

    printed: Printed
    """`no`: it is not on paper, not whole, and never will be; what was sent of it is forgotten."""
    trouble: Reason | None
    condition: Condition
    handed_over: bool = False
    """All of it was sent, to a printer that cannot say whether it printed."""


class PrinterLink:
    """One printer on one port. For one thread at a time. Every method raises `OSError` where the port is lost."""

    def __init__(
        self,
        transport: Transport,
        confirm: Confirm,
        status_s: float,
        print_s: float,
        chance: random.Random | None = None,
    ) -> None:
        """`status_s`: within it a printer has said how it is. `print_s`: within it a slip is out. `chance` makes the
        markers: a recording of a conversation needs the same ones again.
        """
        self._transport = transport
        self._confirm = confirm
        self._status_s = status_s
        self._print_s = print_s
        self._chance = chance or random.SystemRandom()
        self._replies = Replies()
        self._markers: Markers = Silent()
        """This job's markers."""
        self._model: int | None = None
        """What it answers to `GS I`, where that differs from every answer to `GS r`."""
        self._asked_model = False

    @property
    def answers(self) -> bool:
        """Whether this printer can answer at all."""
        return self._confirm != "none"

    @property
    def _confirms(self) -> bool:
        return self._confirm in ("order", "process_id")

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """The port, open. It is let go at the end: many printers talk to one at a time."""
        self._transport.open()
        self._replies = Replies()
        try:
            yield
        finally:
            self._transport.close()

    def condition(self, *, broken: bool = False) -> Condition:
        """How it is now; what it does not say within `status_s` is unknown.

        `broken`: the job before broke off. A printer may then take the question for the rest of a command, so silence
        is broken by filling that command up.
        """
        if not self.answers:
            return UNKNOWN
        self._transport.flush_input()
        found = self._ask_all()
        if found == UNKNOWN and broken:
            self._send(FLUSH)
            self._transport.flush_input()
            found = self._ask_all()
        return found

    def _ask_all(self) -> Condition:
        deadline = time.monotonic() + self._status_s
        answers: dict[int, int] = {}
        for number in QUESTIONS:
            answer = self._ask(number, deadline)
            if answer is None:
                # A late reply to this question would be taken for the reply to the next: no next one.
                return condition(answers)
            answers[number] = answer
        if answers[2] & 0x40 and (answer := self._ask(ERROR_CAUSE, deadline)) is not None:
            answers[ERROR_CAUSE] = answer
        return condition(answers)

    def _ask(self, number: int, deadline: float) -> int | None:
        self._replies.real_time.clear()
        self._transport.write(question(number))
        while not self._replies.real_time:
            if not self._listen(deadline):
                return None
        # Two answers to one question: one of them is noise, and nobody knows which.
        return self._replies.real_time[0] if len(self._replies.real_time) == 1 else None

    def _listen(self, deadline: float) -> bool:
        data = self._transport.read(deadline)
        self._replies.feed(data)
        return bool(data)

    def knows_order(self) -> bool:
        """Whether it answers `GS r`, which moves no paper."""
        answer = self._ask_in_turn(PAPER_STATUS)
        return answer is not None and answer in PAPER_ANSWERS

    def settle(self, separation: bytes) -> bool:
        """After a broken-off job: ends its half command and its half slip, and hears its late replies out.

        False where the printer does not get that far; nothing new may be sent then.
        """
        self._begin()
        self._send(FLUSH + separation + self._markers.marker(0))
        if not self._confirms:
            return True
        deadline = time.monotonic() + self._print_s
        if not self._wait_for(0, deadline):
            return False
        while self._listen(time.monotonic() + QUIET_S):
            pass
        return True

    def print(self, slip: SlipBytes) -> SlipResult:
        """Sends a slip and waits until the printer says that it is out. After an `OSError` nobody knows."""
        self._begin()
        self._send(slip.first)
        if self._confirms:
            self._listen(time.monotonic())  # nothing was asked yet: what comes now belongs to no question
            noise = bool(self._replies.in_order or self._replies.stray)
            self._send(self._markers.marker(0) + slip.last + self._markers.marker(1))
            return self._await(noise=noise)
        self._send(slip.last)
        after = self.condition()
        # The printer took it all and cannot say more: it was handed over, and what came out is not known.
        return SlipResult("unknown", after.trouble, after, handed_over=after.trouble is None)

    def _begin(self) -> None:
        if self._confirm == "order" and not self._asked_model:
            answer = self._ask_in_turn(MODEL)
            self._model, self._asked_model = (None if answer in PAPER_ANSWERS else answer), True
        self._forget_replies()
        self._markers = _new_markers(self._confirm, self._model, self._chance)

    def _forget_replies(self) -> None:
        self._replies.in_order.clear()
        self._replies.blocks.clear()
        self._replies.stray = 0

    def _ask_in_turn(self, asked: bytes) -> int | None:
        """One question that is answered with one byte when its turn comes."""
        self._forget_replies()
        self._send(asked)
        deadline = time.monotonic() + self._status_s
        while not self._replies.in_order:
            if not self._listen(deadline):
                return None
        return self._replies.in_order[0]

    def _send(self, data: bytes) -> None:
        for at in range(0, len(data), CHUNK):
            self._transport.write(data[at : at + CHUNK])

    def _reached(self, place: int) -> bool:
        return self._markers.reached(place, self._replies)

    def _wait_for(self, place: int, until: float) -> bool:
        while not self._reached(place):
            if not self._listen(until):
                return False
        return True

    def _await(self, *, noise: bool) -> SlipResult:
        """Until it is out, until something stops it, or until patience ends. `noise`: something came unasked."""
        deadline = time.monotonic() + self._print_s
        now, seen = UNKNOWN, 0
        while time.monotonic() < deadline:
            if self._wait_for(1, min(deadline, time.monotonic() + LOOK_S)):
                return self._confirmed(noise=noise)
            now = self._ask_all()
            # Once may be somebody at the feed button. And `offline` alone passes: a printer says so while it feeds.
            seen = seen + 1 if now.trouble else 0
            if seen >= 2 and now.trouble is not Reason.OFFLINE:
                break
        return self._give_up(now, noise=noise)

    def _confirmed(self, *, noise: bool) -> SlipResult:
        """All answers came: the slip is out, if they are answers."""
        after = self._condition_after()
        if self._markers.told_apart:
            certain = True
        else:
            # They all look alike, so it must be alive, and must have nothing more to say.
            certain = after.online is not None and not self._listen(time.monotonic() + SURPLUS_S)
        if certain and not noise and self._markers.sound(self._replies):
            return SlipResult("yes", None, after)
        self._asked_model = False  # another printer may stand there now
        return SlipResult("unknown", after.trouble or Reason.NO_RESPONSE, after)

    def _condition_after(self) -> Condition:
        try:
            return self._ask_all()
        except OSError:  # the slip is out all the same
            return UNKNOWN

    def _give_up(self, now: Condition, *, noise: bool) -> SlipResult:
        """Makes the printer forget the slip, so that its rest does not come out on the next roll of paper."""
        cleared = self._clear()
        if self._reached(1):
            return self._confirmed(noise=noise)
        answered = self._reached(0) or not self._markers.sound(self._replies)
        torn = cleared and not answered and not noise
        return SlipResult("no" if torn else "unknown", now.trouble or Reason.NO_RESPONSE, now)

    def _clear(self) -> bool:
        """Whether the printer says that it forgot everything."""
        deadline = time.monotonic() + CLEAR_S
        self._replies.blocks = [block for block in self._replies.blocks if block != CLEARED]
        try:
            self._transport.write(CLEAR)
            while CLEARED not in self._replies.blocks:
                if not self._listen(deadline):
                    return False
        except OSError:
            return False
        return True


def _new_markers(confirm: Confirm, model: int | None, chance: random.Random) -> Markers:
    if confirm == "order":
        return Ordered(model, chance)
    return Numbered(chance) if confirm == "process_id" else Silent()
