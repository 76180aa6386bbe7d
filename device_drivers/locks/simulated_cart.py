"""A shopping cart with a lock in its coin slot, simulated: pulled out when unlocked, and brought back."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from device_drivers.contract import DesiredBody, Docked, Find, Identify, Instruction, Lock, LockState, Undocked, Unlock
from device_drivers.driver import EXPIRED, NOT_MINE, Outcome, Reason, Result, State, over
from device_drivers.simulation import World

if TYPE_CHECKING:
    from pathlib import Path

    from device_drivers.driver import Report

SENSOR_S: Final = 0.04
"""From the bolt's move until its sensor says so, in seconds."""
DEAD: Final = 0.03
"""Below this charge the bolt does not move any more."""
ANSWER_S: Final = 0.5
"""How long the driver waits for a lock that does not answer, in seconds."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How this cart behaves; everything has a default."""

    pull_out_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 2.0
    """A shopper pulls the unlocked cart out after this many seconds; 0 is never."""
    auto_return_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0
    """It is brought back this many seconds after it was pulled out; 0 is never."""
    battery: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.87
    """Charge at the start, 0 to 1."""
    drain_per_hour: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.002
    """Charge lost in an hour."""
    jam: bool = False
    """The bolt is stuck: unlocking fails with `jammed`."""
    mute: bool = False
    """The lock's electronics do not answer: unlocking fails with `no_response`."""
    late_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0
    """The bolt moves this many seconds late; the driver is busy that long."""


class SavedCart(msgspec.Struct, frozen=True):
    """What stays when the power goes."""

    bolt: LockState
    docked: bool
    charge: float
    jam: bool = False
    mute: bool = False


class Driver:
    """The cart. Actions in its world: `return`, `pull`, `jam`, `fix`, `drain`, `mute`, `late`."""

    kind = "cart"
    capabilities = ("unlock", "lock", "find", "identify")

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._world = World(folder, self._on_action)
        self._lock = threading.Lock()
        self._jam, self._mute, self._late_s = settings.jam, settings.mute, settings.late_s
        self._bolt: LockState = "locked"
        """Where the bolt is; `_sensed` is what its sensor has told so far."""
        self._sensed: LockState = "locked"
        self._docked = True
        self._charge = settings.battery
        if (left := self._world.load(SavedCart)) is not None:
            self._bolt = self._sensed = left.bolt
            self._docked, self._charge = left.docked, left.charge
            self._jam, self._mute = settings.jam or left.jam, settings.mute or left.mute
        self._charged_at = time.monotonic()
        self._ride = 0
        """Which unlocking is going on: a shopper who was overtaken by a return pulls nothing out."""
        self.moves = 0
        """How often the bolt moved, for tests and the curious."""

    def start(self, report: Report) -> None:
        """Lets its world begin."""
        self._report = report
        self._world.start()
        self._world.call_later(60, self._drain)
        if self._docked and self._bolt == "unlocked":
            self._schedule_pull_out()
        elif not self._docked:
            self._schedule_return()

    def stop(self) -> None:
        """Ends its world."""
        self._world.stop()

    def state(self) -> State:
        """What lock, dock and battery say."""
        with self._lock:
            return State(lock=self._sensed, docked=self._docked, battery=round(self._battery(), 2))

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        """Unlocks, locks; `find` and `identify` blink, which nothing can go wrong with."""
        if isinstance(instruction, Find | Identify):
            return Result(Outcome.DONE)
        if not isinstance(instruction, Unlock | Lock):
            return NOT_MINE
        if instruction.door:
            return Result(Outcome.REFUSED, Reason.BAD_DOOR)
        if self._late_s:
            time.sleep(self._late_s)
        if over(deadline):
            return EXPIRED
        with self._lock:
            result = self._unlock() if isinstance(instruction, Unlock) else self._close()
        if result.outcome is Outcome.DONE or result.reason == Reason.JAMMED:
            self._world.call_later(SENSOR_S, self._update_sensor)
        if result.reason == Reason.NO_RESPONSE:
            time.sleep(ANSWER_S)
        return result

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        """A cart shows nothing."""
        raise ValueError("a cart has nothing to show or to set")

    def _unlock(self) -> Result:
        if not self._docked:
            return Result(Outcome.REFUSED, Reason.NOT_DOCKED, {"docked": False})
        if self._mute or self._battery() < DEAD:
            return Result(Outcome.FAILED, Reason.NO_RESPONSE)
        if self._jam:
            self._bolt = "jammed"
            return Result(Outcome.FAILED, Reason.JAMMED, {"docked": True})
        if self._bolt == "unlocked":
            return Result(Outcome.ALREADY, None, {"docked": True, "lock": "unlocked"})
        self._bolt = "unlocked"
        self._ride += 1
        self.moves += 1
        self._schedule_pull_out()
        return Result(Outcome.DONE, None, {"docked": True})

    def _schedule_pull_out(self) -> None:
        if self._settings.pull_out_s:
            ride = self._ride
            self._world.call_later(self._settings.pull_out_s, lambda: self._pull_out(ride))

    def _schedule_return(self) -> None:
        if self._settings.auto_return_s:
            ride = self._ride
            self._world.call_later(self._settings.auto_return_s, lambda: self._bring_back(ride))

    def _close(self) -> Result:
        if not self._docked:
            return Result(Outcome.REFUSED, Reason.NOT_DOCKED, {"docked": False})
        if self._bolt == "locked":
            return Result(Outcome.ALREADY, None, {"docked": True, "lock": "locked"})
        if self._jam:
            return Result(Outcome.FAILED, Reason.JAMMED, {"docked": True})
        self._bolt = "locked"
        self._ride += 1
        self.moves += 1
        return Result(Outcome.DONE, None, {"docked": True})

    def _publish(self) -> None:
        with self._lock:
            self._world.save(SavedCart(self._bolt, self._docked, self._battery(), self._jam, self._mute))
        self._report.state(self.state())

    def _update_sensor(self) -> None:
        with self._lock:
            self._sensed = self._bolt
        self._publish()

    def _pull_out(self, ride: int) -> None:
        with self._lock:
            if ride != self._ride or self._bolt != "unlocked" or not self._docked:
                return
            self._docked = False
        self._publish()
        self._report.event(Undocked())
        self._schedule_return()

    def _bring_back(self, ride: int) -> None:
        """The bolt snaps in by itself when the cart is pushed back."""
        with self._lock:
            if ride != self._ride or (self._docked and self._bolt == "locked"):
                return
            was_out, self._docked = not self._docked, True
            self._ride += 1
            if not self._jam:
                self._bolt = "locked"
            self._sensed = self._bolt
        self._publish()
        if was_out:
            self._report.event(Docked())

    def _on_action(self, action: str) -> None:
        match action:
            case "return":
                self._bring_back(self._ride)
            case "pull":
                self._pull_out(self._ride)
            case "jam" | "mute" | "late" | "fix" | "drain":
                self._break(action)
        self._update_sensor()

    def _break(self, how: str) -> None:
        with self._lock:
            if how == "fix":
                self._jam, self._mute, self._late_s = False, False, 0.0
                self._bolt = "locked" if self._bolt == "jammed" else self._bolt
                self._charge, self._charged_at = 1.0, time.monotonic()
            elif how == "drain":
                self._charge, self._charged_at = 0.02, time.monotonic()
            elif how == "late":
                self._late_s = 3.0
            else:
                self._jam, self._mute = self._jam or how == "jam", self._mute or how == "mute"

    def _battery(self) -> float:
        spent = (time.monotonic() - self._charged_at) / 3600 * self._settings.drain_per_hour
        return max(0.0, self._charge - spent)

    def _drain(self) -> None:
        self._publish()
        self._world.call_later(60, self._drain)
