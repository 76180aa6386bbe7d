"""A cart in a dock with one lock on a lock board, whoever made the board."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Final

import msgspec

from device_drivers.contract import (
    DesiredBody,
    Docked,
    EventData,
    Forced,
    Identify,
    Instruction,
    LockState,
    Undocked,
    Unlock,
)
from device_drivers.driver import NOT_MINE, Outcome, Reason, Result, State
from device_drivers.locks.claims import claims
from device_drivers.locks.panels import PANELS, Panels
from device_drivers.locks.unlocking import UnlockEnd
from device_drivers.locks.wiring import Wiring, occupied

if TYPE_CHECKING:
    from device_drivers.driver import Report
    from device_drivers.locks.board import Lock, Reading
    from device_drivers.locks.panel import LockPanel

GRACE_S: Final = 10.0
"""A hook that opens this long after its unlocking gave up was still opened by it; later it was forced. In seconds."""


class Dock:
    """A `Driver` of kind `cart`. Events: `undocked`, `docked`, and `forced` for a hook that opened by itself.

    Where no object sensor is wired, a cart is docked as long as its hook is closed; that is all such a dock can tell.
    """

    kind = "cart"
    capabilities = ("unlock", "identify")

    def __init__(
        self, lock: Lock, wiring: Wiring, line: tuple[int, float], *, blind: bool = False, panels: Panels = PANELS
    ) -> None:
        """`line` is the usual baud rate and the silence between frames in seconds; a `blind` hook has no contact."""
        self.claims = claims(wiring.url, [lock])
        self._hook, self._wiring, self._line, self._blind, self._panels = lock, wiring, line, blind, panels
        self._lock = threading.Lock()
        self._state = State(lock="unknown")
        self._opening_until = 0.0
        """Until when the hook may open without having been forced, by `time.monotonic()`."""
        self._jammed = False
        self._panel: LockPanel | None = None

    def start(self, report: Report) -> None:
        """Begins to ask the board; the port may come later. Raises `ValueError` where the hook is another device's."""
        self._report = report
        panel = self._panels.join(self._wiring.url, *self._line)
        try:
            panel.watch(self._hook.board, [self._hook.index], self._wiring.rhythm, self._on_reading)
        except ValueError:
            self._leave(panel)
            raise
        self._panel = panel

    def stop(self) -> None:
        """Lets go of the board."""
        panel, self._panel = self._panel, None
        if panel is not None:
            self._leave(panel)

    def _leave(self, panel: LockPanel) -> None:
        panel.unwatch(self._on_reading)
        self._panels.leave(self._wiring.url)

    def state(self) -> State:
        """What hook and sensor say; `unknown` where the board is silent."""
        with self._lock:
            return self._state

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        """Opens the hook; `identify` says whether the board answers."""
        panel = self._panel
        if panel is None:
            return Result(Outcome.FAILED, Reason.PORT_LOST)
        if isinstance(instruction, Identify):
            return Result(Outcome.DONE, None, {"boards": {str(self._hook.board): panel.answers(self._hook.board)}})
        if not isinstance(instruction, Unlock):
            return NOT_MINE
        if instruction.door:
            return Result(Outcome.REFUSED, Reason.BAD_DOOR)
        with self._lock:
            self._opening_until = time.monotonic() + self._wiring.release_s + GRACE_S
        closed, within = bool(self._wiring.closed_bit), self._wiring.release_s
        unlocking = panel.unlock(self._hook, closed=closed, within_s=within, blind=self._blind, deadline=deadline)
        if unlocking.end is UnlockEnd.JAMMED:
            with self._lock:
                self._jammed = True
                self._state = msgspec.structs.replace(self._state, lock="jammed")
            self._report.state(self.state())
        seen = self._cart_state(unlocking.reading)
        observed = {"pulsed": unlocking.pulsed, "lock": seen.lock, "docked": seen.docked}
        if unlocking.end is UnlockEnd.ALREADY and not seen.docked:
            return Result(Outcome.REFUSED, Reason.NOT_DOCKED, observed)
        return msgspec.structs.replace(unlocking.end.value, observed=observed)

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        """A cart shows nothing."""
        raise ValueError("a cart has nothing to show or to set")

    def _cart_state(self, reading: Reading | None) -> State:
        if reading is None:
            return State(lock="unknown")
        there = occupied(self._wiring, reading.object(self._hook.index))
        if self._blind:
            return State(lock="unknown", docked=there)
        closed = reading.contact(self._hook.index) == bool(self._wiring.closed_bit)
        lock: LockState = "unlocked"
        if closed:
            lock = "jammed" if self._jammed else "locked"
        return State(lock=lock, docked=closed if there is None else there)

    def _on_reading(self, reading: Reading | None) -> None:
        """On the panel's thread: what the board says now."""
        happened: list[EventData] = []
        with self._lock:
            before, now = self._state, self._cart_state(reading)
            if now.lock == "unlocked":
                self._jammed = False  # whatever held it, it holds no more
                if before.lock in ("locked", "jammed"):
                    if time.monotonic() >= self._opening_until:
                        happened.append(Forced())
                    self._opening_until = 0.0
            if None not in (before.docked, now.docked) and before.docked != now.docked:
                happened.append(Docked() if now.docked else Undocked())
            self._state = now
        self._report.state(now)
        for event_data in happened:
            self._report.event(event_data)
