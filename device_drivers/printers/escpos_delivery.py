"""The way of one slip to paper: what is known of it, what the printer says, what is noted, and how that is answered."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from device_drivers.driver import Outcome, Reason, Result, over
from device_drivers.printers.escpos_link import SlipResult
from device_drivers.printers.escpos_status import AWAY, Condition

if TYPE_CHECKING:
    from device_drivers.printers.escpos_bytes import SlipBytes
    from device_drivers.printers.escpos_link import Printed, PrinterLink
    from device_drivers.printers.escpos_slips import Slips

log = logging.getLogger(__name__)


class Key(NamedTuple):
    """What makes a slip the same slip."""

    job: str
    revision: int


class Counter:
    """Hands slips to one printer. Results say `refused` where the printer will not print now, `failed` where the slip
    is certainly not on paper, `unknown` where nobody knows; the first two may be tried again.
    """

    def __init__(self, link: PrinterLink, slips: Slips, separation: bytes) -> None:
        """`separation` ends what a broken-off job left on the paper."""
        self._link = link
        self._slips = slips
        self._separation = separation

    def earlier(self, key: Key, now: Condition) -> Result | None:
        """The answer for a slip that was here before; None where it may be printed. Raises `sqlite3.Error`."""
        known = self._slips.find(*key)
        if known is None:
            return None
        state, reason = known
        if state == "printed":
            return result(Outcome.ALREADY, None, "yes", now)
        return result(Outcome.UNKNOWN, reason or Reason.NO_RESPONSE, "unknown", now)

    def deliver(self, key: Key, slip: SlipBytes, *, copy: bool, deadline: float) -> tuple[Result, Condition]:
        """Prints it. Returns the answer, and how the printer is. Raises `sqlite3.Error`; nothing was sent then.

        Nothing of it is sent once `time.monotonic()` reads `deadline`.
        """
        try:
            with self._link.open():
                refusal, now = self._refusal()
                if refusal:
                    return refusal, now
                if over(deadline):
                    return result(Outcome.EXPIRED, None, "no", now), now
                self._slips.start(*key)
                ending = self._sent(slip)
        except OSError as error:
            log.info("the printer cannot be reached: %s", error)
            return result(Outcome.FAILED, Reason.PORT_LOST, "no", AWAY), AWAY
        return self._note_if_possible(key, ending, copy=copy), ending.condition

    def _refusal(self) -> tuple[Result | None, Condition]:
        """Why nothing can be printed now, if so. Not a byte of the slip has been sent."""
        broken = self._slips.broken()
        now = self._link.condition(broken=broken)
        if now.trouble:
            return result(Outcome.REFUSED, now.trouble, "no", now), now
        silent = self._link.answers and now.online is None
        if silent or (broken and not self._link.settle(self._separation)):
            return result(Outcome.FAILED, Reason.NO_RESPONSE, "no", now), now
        if broken:  # or a slip that expires over it would leave the same to the next one, and so on for ever
            self._slips.settled()
        return None, now

    def _sent(self, slip: SlipBytes) -> SlipResult:
        try:
            return self._link.print(slip)
        except OSError as error:
            log.warning("the printer was lost in the middle of a slip: %s", error)
            return SlipResult("unknown", Reason.PORT_LOST, AWAY)

    def _note_if_possible(self, key: Key, ending: SlipResult, *, copy: bool) -> Result:
        try:
            return self._note(key, ending, copy=copy)
        except sqlite3.Error:
            # The answer is right all the same. Should it be asked for again, the note from before says `started`.
            log.exception("what became of %s cannot be noted", key)
            return _answer(ending)

    def _note(self, key: Key, ending: SlipResult, *, copy: bool) -> Result:
        if ending.printed == "yes" or ending.handed_over:
            self._slips.printed(*key)
        elif ending.printed == "unknown":
            self._slips.stopped(*key, ending.trouble or Reason.NO_RESPONSE)
        elif not copy:  # a copy that failed says nothing about the first print
            self._slips.withdrawn(*key)
        return _answer(ending)


def _answer(ending: SlipResult) -> Result:
    if ending.printed == "yes" or ending.handed_over:
        return result(Outcome.DONE, None, ending.printed, ending.condition)
    outcome = Outcome.FAILED if ending.printed == "no" else Outcome.UNKNOWN
    return result(outcome, ending.trouble, ending.printed, ending.condition)


def result(outcome: Outcome, reason: str | None, printed: Printed, seen: Condition, **more: str) -> Result:
    """The answer, with what became of the slip and how the printer is."""
    return Result(outcome, reason, {"printed": printed, "paper": seen.paper, "cover": seen.cover, **more})
