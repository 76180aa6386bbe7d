"""A stand for umbrellas, simulated: each place has a lock and a sensor. Real hardware is a file like this one."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec

from device_drivers.contract import DesiredBody, Door, EventData, Identify, Instruction, Unlock
from device_drivers.driver import EXPIRED, NOT_MINE, Outcome, Reason, Result, State, over

if TYPE_CHECKING:
    from pathlib import Path

    from device_drivers.driver import Report


class UmbrellaReturned(EventData, frozen=True):
    """Somebody put an umbrella back into its place."""

    type: ClassVar[str] = "umbrella_returned"
    door: str


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How this stand behaves; everything has a default."""

    places: Annotated[int, msgspec.Meta(ge=1, le=99)] = 6
    """Numbered from 1."""
    jam: tuple[str, ...] = ()
    """Places whose lock is stuck."""
    away_s: float = 0.0
    """An umbrella comes back by itself after so many seconds; 0 is never."""


class Driver:
    """The stand. Event: `umbrella_returned`."""

    kind = "umbrella_stand"
    capabilities = ("unlock", "identify")

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        self._settings = settings
        names = [str(number) for number in range(1, settings.places + 1)]
        self._doors = {name: Door(lock="locked", occupied=True) for name in names}
        self._timers: list[threading.Timer] = []

    def start(self, report: Report) -> None:
        """There is nothing to open."""
        self._report = report

    def stop(self) -> None:
        """Umbrellas that are out stay out."""
        for timer in self._timers:
            timer.cancel()

    def state(self) -> State:
        """What locks and sensors show."""
        return State(doors=dict(self._doors))

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        """Lets the umbrella of one place go."""
        if isinstance(instruction, Identify):
            return Result(Outcome.DONE)
        if not isinstance(instruction, Unlock):
            return NOT_MINE
        if instruction.door not in self._doors:
            return Result(Outcome.REFUSED, Reason.BAD_DOOR)
        if instruction.door in self._settings.jam:
            return Result(Outcome.FAILED, Reason.JAMMED)
        if over(deadline):
            return EXPIRED
        self._set(instruction.door, Door(lock="unlocked", occupied=False))
        if self._settings.away_s:
            self._timers.append(threading.Timer(self._settings.away_s, self.put_back, (instruction.door,)))
            self._timers[-1].start()
        return Result(Outcome.DONE)

    def put_back(self, door: str) -> None:
        """Somebody brings the umbrella of this place."""
        self._set(door, Door(lock="locked", occupied=True))
        self._report.event(UmbrellaReturned(door))

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        """A stand shows nothing."""
        raise ValueError("a stand has nothing to show or to set")

    def _set(self, door: str, seen: Door) -> None:
        self._doors[door] = seen
        self._report.state(self.state())
