"""A cart in a dock with one lock on a lock board, whoever made the board."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from device_drivers.contract import (
    Docked,
    EventData,
    Forced,
    LockState,
    Undocked,
    Unlock,
)
from device_drivers.driver import Outcome, Reason, Result, State
from device_drivers.locks.on_boards import OnBoards
from device_drivers.locks.panels import PANELS, Panels
from device_drivers.locks.unlocking import UnlockEnd
from device_drivers.locks.wiring import Wiring, occupied

if TYPE_CHECKING:
    from device_drivers.locks.board import Board, Lock, Reading
    from device_drivers.locks.panel import LockPanel


class Dock(OnBoards):
    """A `Driver` of kind `cart`. Events: `undocked`, `docked`, and `forced` for a hook that opened by itself.

    Where no object sensor is wired, a cart is docked as long as its hook is closed; that is all such a dock can tell.
    """

    kind = "cart"

    def __init__(
        self, lock: Lock, wiring: Wiring, line: tuple[int, float], *, blind: bool = False, panels: Panels = PANELS
    ) -> None:
        """`line` is the usual baud rate and the silence between frames in seconds; a `blind` hook has no contact."""
        super().__init__([lock], wiring, line, panels)
        self._hook, self._blind = lock, blind
        self._state = State(lock="unknown")
        self._opening_until = 0.0
        """Until when the hook may open without having been forced, by `time.monotonic()`."""
        self._jammed = False

    def state(self) -> State:
        """What hook and sensor say; `unknown` where the board is silent."""
        with self._lock:
            return self._state

    def _unlock(self, panel: LockPanel, instruction: Unlock, deadline: float) -> Result:
        if instruction.door:
            return Result(Outcome.REFUSED, Reason.BAD_DOOR)
        with self._lock:
            self._opening_until = self._forced_from()
        unlocking = self._pulse(panel, self._hook, deadline, blind=self._blind)
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

    def _on_reading(self, board: Board, reading: Reading | None) -> None:  # noqa: ARG002 - there is but one
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
