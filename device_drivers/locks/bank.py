"""A bank of lockers on lock boards, whoever made the boards."""

from __future__ import annotations

import functools
import math
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec

from device_drivers.contract import (
    DesiredBody,
    Door,
    DoorClosed,
    DoorForced,
    DoorOpened,
    EventData,
    Identify,
    Instruction,
    LockState,
    Unlock,
)
from device_drivers.driver import NOT_MINE, Outcome, Reason, Result, State
from device_drivers.locks.claims import claims
from device_drivers.locks.panels import PANELS, Panels
from device_drivers.locks.unlocking import UnlockEnd
from device_drivers.locks.wiring import Wiring, occupied

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from device_drivers.driver import Report
    from device_drivers.locks.board import Board, Lock, Reading
    from device_drivers.locks.panel import LockPanel
    from device_drivers.locks.unlocking import Unlocking

GRACE_S: Final = 10.0
"""A door that opens this long after its unlocking gave up was still opened by it; later it was forced. In seconds."""


class Bank:
    """A `Driver` of kind `locker`. Events: `door_opened`, `door_closed`, `door_forced`, each with its `door`."""

    kind = "locker"
    capabilities = ("unlock", "identify")

    def __init__(
        self,
        doors: Mapping[str, Lock],
        wiring: Wiring,
        line: tuple[int, float],
        blind: Collection[str] = (),
        panels: Panels = PANELS,
    ) -> None:
        """`line` is the usual baud rate and the silence between frames in seconds; `blind` doors have no contact.

        Raises `ValueError` for settings that cannot work.
        """
        if unknown := set(blind) - doors.keys():
            raise ValueError(f"blind names doors that do not exist: {', '.join(sorted(unknown))}")
        self.doors = tuple(doors)
        self.claims = claims(wiring.url, doors.values())
        self._locks, self._wiring, self._line, self._panels = dict(doors), wiring, line, panels
        self._blind = frozenset(blind)
        self._boards: dict[Board, dict[str, Lock]] = {}
        for name, lock in doors.items():
            self._boards.setdefault(lock.board, {})[name] = lock
        self._listeners = {board: functools.partial(self._on_reading, board) for board in self._boards}
        self._lock = threading.Lock()
        self._doors = dict.fromkeys(doors, Door())
        self._opening_until: dict[str, float] = {}
        """Until when a door may open without having been forced, by `time.monotonic()`."""
        self._jammed: set[str] = set()
        self._panel: LockPanel | None = None

    def start(self, report: Report) -> None:
        """Begins to ask the boards; the port may come later. Raises `ValueError` where a lock is another device's."""
        self._report = report
        panel = self._panels.join(self._wiring.url, *self._line)
        try:
            for board, doors in self._boards.items():
                panel.watch(board, [lock.index for lock in doors.values()], self._wiring.rhythm, self._listeners[board])
        except ValueError:
            self._leave(panel)
            raise
        self._panel = panel

    def stop(self) -> None:
        """Lets go of the boards."""
        panel, self._panel = self._panel, None
        if panel is not None:
            self._leave(panel)

    def _leave(self, panel: LockPanel) -> None:
        for hears in self._listeners.values():
            panel.unwatch(hears)
        self._panels.leave(self._wiring.url)

    def state(self) -> State:
        """What the contacts say; `unknown` where a board is silent."""
        with self._lock:
            return State(doors=dict(self._doors))

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        """Opens one door; `identify` says which boards answer."""
        panel = self._panel
        if panel is None:
            return Result(Outcome.FAILED, Reason.PORT_LOST)
        if isinstance(instruction, Identify):
            answers = {str(board): panel.answers(board) for board in self._boards}
            return Result(Outcome.DONE, None, {"boards": answers})
        if not isinstance(instruction, Unlock):
            return NOT_MINE
        door = instruction.door
        if door is None or door not in self._locks:
            return Result(Outcome.REFUSED, Reason.BAD_DOOR)
        with self._lock:
            self._opening_until[door] = time.monotonic() + self._wiring.release_s + GRACE_S
        unlocking = panel.unlock(
            self._locks[door],
            closed=bool(self._wiring.closed_bit),
            within_s=self._wiring.release_s,
            blind=door in self._blind,
            deadline=deadline,
        )
        return self._result(door, unlocking)

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        """A locker bank shows nothing."""
        raise ValueError("a locker bank has nothing to show or to set")

    def _result(self, door: str, unlocking: Unlocking) -> Result:
        if unlocking.end is UnlockEnd.JAMMED:
            with self._lock:
                self._jammed.add(door)
                self._doors[door] = msgspec.structs.replace(self._doors[door], lock="jammed")
            self._report.state(self.state())
        seen = self._door_state(door, unlocking.reading)
        observed: dict[str, Any] = {"pulsed": unlocking.pulsed, "lock": seen.lock, "door": seen.door}
        if seen.occupied is not None:
            observed["occupied"] = seen.occupied
        return msgspec.structs.replace(unlocking.end.value, observed=observed)

    def _door_state(self, name: str, reading: Reading | None) -> Door:
        if reading is None:
            return Door()
        index = self._locks[name].index
        there = occupied(self._wiring, reading.object(index))
        if name in self._blind:
            return Door(occupied=there)
        if reading.contact(index) != bool(self._wiring.closed_bit):
            return Door("unlocked", "open", there)
        lock: LockState = "jammed" if name in self._jammed else "locked"
        return Door(lock, "closed", there)

    def _on_reading(self, board: Board, reading: Reading | None) -> None:
        """On the panel's thread: what a board says now."""
        happened: list[EventData] = []
        with self._lock:
            for name in self._boards[board]:
                before, now = self._doors[name], self._door_state(name, reading)
                if now.door == "open":
                    self._jammed.discard(name)  # whatever held it, it holds no more
                if before.door != now.door and "unknown" not in (before.door, now.door):
                    happened.append(self._door_event(name, now))
                self._doors[name] = now
        self._report.state(self.state())
        for event_data in happened:
            self._report.event(event_data)

    def _door_event(self, name: str, now: Door) -> EventData:
        if now.door == "closed":
            return DoorClosed(name)
        return DoorOpened(name) if time.monotonic() < self._opening_until.pop(name, 0.0) else DoorForced(name)
