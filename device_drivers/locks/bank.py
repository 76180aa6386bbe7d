"""A bank of lockers on lock boards, whoever made the boards."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec

from device_drivers.contract import (
    Door,
    DoorClosed,
    DoorForced,
    DoorOpened,
    EventData,
    LockState,
    Unlock,
)
from device_drivers.driver import Outcome, Reason, Result, State
from device_drivers.locks.on_boards import OnBoards
from device_drivers.locks.panels import PANELS, Panels
from device_drivers.locks.unlocking import UnlockEnd
from device_drivers.locks.wiring import Wiring, occupied

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from device_drivers.locks.board import Board, Lock, Reading
    from device_drivers.locks.panel import LockPanel
    from device_drivers.locks.unlocking import Unlocking


class Bank(OnBoards):
    """A `Driver` of kind `locker`. Events: `door_opened`, `door_closed`, `door_forced`, each with its `door`."""

    kind = "locker"

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
        super().__init__(doors.values(), wiring, line, panels)
        self.doors = tuple(doors)
        self._locks, self._blind = dict(doors), frozenset(blind)
        self._names = {board: [name for name in doors if doors[name].board == board] for board in self._boards}
        self._doors = dict.fromkeys(doors, Door())
        self._opening_until: dict[str, float] = {}
        """Until when a door may open without having been forced, by `time.monotonic()`."""
        self._jammed: set[str] = set()

    def state(self) -> State:
        """What the contacts say; `unknown` where a board is silent."""
        with self._lock:
            return State(doors=dict(self._doors))

    def _unlock(self, panel: LockPanel, instruction: Unlock, deadline: float) -> Result:
        door = instruction.door
        if door is None or door not in self._locks:
            return Result(Outcome.REFUSED, Reason.BAD_DOOR)
        with self._lock:
            self._opening_until[door] = self._forced_from()
        return self._result(door, self._pulse(panel, self._locks[door], deadline, blind=door in self._blind))

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
        happened: list[EventData] = []
        with self._lock:
            for name in self._names[board]:
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
