"""A bank of lockers, simulated: twelve doors with lights that spring open when unlocked and lock when closed."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from device_drivers.contract import DesiredBody, Door, DoorClosed, DoorOpened, Find, Identify, Instruction, Unlock
from device_drivers.driver import EXPIRED, NOT_MINE, Outcome, Reason, Result, State, over
from device_drivers.simulation import World

if TYPE_CHECKING:
    from pathlib import Path

    from device_drivers.driver import Report

SENSOR_S: Final = 0.04
"""From the bolt's move until the sensors say so, in seconds."""
ANSWER_S: Final = 0.5


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How this bank behaves; everything has a default."""

    doors: Annotated[int, msgspec.Meta(ge=1, le=99)] = 12
    """Numbered from "01"."""
    auto_close_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.0
    """An open door is closed after this many seconds; 0 is never."""
    hands: bool = False
    """Somebody uses a door that is closed by itself: what was empty is full then, and what was full is empty."""
    jam: tuple[str, ...] = ()
    """Doors whose bolt is stuck: unlocking fails with `jammed`."""
    mute: bool = False
    """The lock board does not answer: unlocking fails with `no_response`."""
    late_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0
    """The bolt moves this many seconds late; the driver is busy that long."""


class SavedLockers(msgspec.Struct, frozen=True):
    """What stays when the power goes: bolts, doors, and what lies behind them."""

    doors: dict[str, Door]
    jammed: tuple[str, ...] = ()
    mute: bool = False


class Driver:
    """The bank. Actions in its world: `open-<door>`, `close-<door>`, `jam-<door>`, `fill-<door>`, `empty-<door>`,
    `dark-<door>` (its light goes out), `fix`, `mute`.
    """

    kind = "locker"
    capabilities = ("unlock", "find", "identify")

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._world = World(folder, self._on_action)
        self._lock = threading.Lock()
        closed = Door(lock="locked", door="closed", occupied=False, lit=False)
        self._doors = {f"{number:02d}": closed for number in range(1, settings.doors + 1)}
        self.doors = tuple(self._doors)
        left = self._world.load(SavedLockers) or SavedLockers({})
        known = {name: seen for name, seen in left.doors.items() if name in self._doors}
        self._doors |= {name: msgspec.structs.replace(seen, lit=False) for name, seen in known.items()}
        self._jammed = {*settings.jam, *(door for door in left.jammed if door in self._doors)}
        self._mute = settings.mute or left.mute
        self._moves = dict.fromkeys(self._doors, 0)
        """How often each door opened: whoever meant to close it comes too late when it has been opened since."""
        self._lights = dict.fromkeys(self._doors, 0)
        """How often each was lit: likewise."""
        if unknown := self._jammed - self._doors.keys():
            raise ValueError(f"jam names doors that do not exist: {', '.join(sorted(unknown))}")

    def start(self, report: Report) -> None:
        """Lets its world begin."""
        self._report = report
        self._world.start()
        for name, seen in self._doors.items():
            if seen.door == "open":
                self._schedule_close(name)

    def stop(self) -> None:
        """Ends its world."""
        self._world.stop()

    def state(self) -> State:
        """What every door's sensors say; nothing while the board that reads them is mute."""
        with self._lock:
            return State(doors=dict.fromkeys(self._doors, Door()) if self._mute else dict(self._doors))

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        """Unlocks one door, or lights it; `identify` blinks."""
        if isinstance(instruction, Identify):
            return Result(Outcome.DONE)
        if not isinstance(instruction, Unlock | Find):
            return NOT_MINE
        door = instruction.door
        if door is None or door not in self._doors:
            return Result(Outcome.REFUSED, Reason.BAD_DOOR)
        if isinstance(instruction, Find):
            return self._light(door, instruction.seconds)
        if self._settings.late_s:
            time.sleep(self._settings.late_s)
        if self._mute:
            time.sleep(ANSWER_S)
            return Result(Outcome.FAILED, Reason.NO_RESPONSE)
        return EXPIRED if over(deadline) else self._unlock(door)

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        """A locker bank shows nothing."""
        raise ValueError("a locker bank has nothing to show or to set")

    def _light(self, door: str, seconds: float) -> Result:
        if self._mute:
            return Result(Outcome.FAILED, Reason.NO_RESPONSE)
        self._set_door(door, lit=True)
        self._lights[door] += 1
        light = self._lights[door]
        self._world.call_later(seconds, lambda: self._lights_off(door, light))
        return Result(Outcome.DONE)

    def _lights_off(self, door: str, light: int) -> None:
        if self._lights[door] == light and self._doors[door].lit:
            self._set_door(door, lit=False)

    def _unlock(self, door: str) -> Result:
        if door in self._jammed:
            self._world.call_later(SENSOR_S, lambda: self._set_door(door, lock="jammed"))
            return Result(Outcome.FAILED, Reason.JAMMED)
        seen = self._doors[door]
        if seen.lock == "unlocked":
            return Result(Outcome.ALREADY, None, {"lock": "unlocked", "door": seen.door})
        self._world.call_later(SENSOR_S, lambda: self._spring_open(door))
        return Result(Outcome.DONE, None, {"door": "closed"})

    def _spring_open(self, door: str) -> None:
        self._set_door(door, lock="unlocked", door="open")
        self._report.event(DoorOpened(door))
        self._schedule_close(door)

    def _schedule_close(self, door: str) -> None:
        if self._settings.auto_close_s:
            self._moves[door] += 1
            move = self._moves[door]
            self._world.call_later(self._settings.auto_close_s, lambda: self._close_later(door, move))

    def _close_later(self, door: str, move: int) -> None:
        if self._moves[door] != move or self._doors[door].door != "open":
            return
        if self._settings.hands:
            self._set_door(door, occupied=not self._doors[door].occupied)
        self._close(door)

    def _close(self, door: str) -> None:
        if self._doors[door].door == "open":
            self._set_door(door, lock="locked", door="closed", lit=False)
            self._report.event(DoorClosed(door))

    def _set_door(self, name: str, **changes: Any) -> None:
        with self._lock:
            self._doors[name] = msgspec.structs.replace(self._doors[name], **changes)
            self._save()
        self._report.state(self.state())

    def _save(self) -> None:
        self._world.save(SavedLockers(self._doors, tuple(sorted(self._jammed)), self._mute))

    def _on_action(self, action: str) -> None:
        what, _, door = action.partition("-")
        if what in ("fix", "mute"):
            self._jammed, self._mute = set(), what == "mute"
            for name, seen in list(self._doors.items()):
                if seen.lock == "jammed":
                    self._set_door(name, lock="locked")
            with self._lock:
                self._save()
            self._report.state(self.state())
        elif door in self._doors:
            self._act_on_door(what, door)

    def _act_on_door(self, what: str, door: str) -> None:
        match what:
            case "open":
                self._spring_open(door)
            case "close":
                self._close(door)
            case "jam":
                self._jammed.add(door)
                self._set_door(door)
            case "dark":
                self._set_door(door, lit=False)
            case "fill" | "empty":
                self._set_door(door, occupied=what == "fill")
