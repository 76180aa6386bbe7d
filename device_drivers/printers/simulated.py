"""A receipt printer, simulated: slips come out as files in its folder, and the roll ends."""

from __future__ import annotations

import itertools
import math
import threading
import time
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from device_drivers.contract import DesiredBody, Identify, Instruction, PaperState, Print
from device_drivers.driver import EXPIRED, NOT_MINE, Outcome, Reason, Result, State, over
from device_drivers.simulation import World

if TYPE_CHECKING:
    from pathlib import Path

    from device_drivers.driver import Report

KEPT: Final = 50
"""How many slips lie in the tray; older ones are thrown away."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How this printer behaves; everything has a default."""

    roll: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 400
    """How many slips a new roll is good for."""
    low: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 20
    """At this many left the paper is `low`."""
    print_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.2
    """How long a slip takes, in seconds."""
    mute: bool = False
    """It takes jobs and answers nothing, as an unplugged printer does: printing fails with `no_response`."""


class SavedPrinter(msgspec.Struct, frozen=True):
    """What stays when the power goes."""

    left: int
    cover: str = "closed"
    mute: bool = False


class Driver:
    """The printer. Actions in its world: `paper-out`, `paper-in`, `cover-open`, `cover-close`, `mute`, `fix`.

    The same job and revision comes out once, also when it is asked for under another command id.
    """

    kind = "printer"
    capabilities = ("print", "identify")

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._tray = folder / "slips"
        self._world = World(folder, self._on_action)
        self._lock = threading.Lock()
        left = self._world.load(SavedPrinter) or SavedPrinter(settings.roll)
        self._left = min(left.left, settings.roll)
        self._cover = left.cover
        self._mute = settings.mute or left.mute
        self._number = itertools.count(1)

    def start(self, report: Report) -> None:
        """Lets its world begin; slips of an earlier run stay in the tray."""
        self._report = report
        self._tray.mkdir(parents=True, exist_ok=True)
        taken = [int(slip.name[:6]) for slip in self._tray.glob("[0-9]*.json")]
        self._number = itertools.count(max(taken, default=0) + 1)
        self._world.start()

    def stop(self) -> None:
        """Ends its world."""
        self._world.stop()

    def state(self) -> State:
        """Paper, cover, and whether it answers at all. A mute printer's paper is unknown: it says nothing of it."""
        with self._lock:
            return State(paper="unknown" if self._mute else self._paper(), cover=self._cover, online=not self._mute)

    def carry_out(self, instruction: Instruction, deadline: float = math.inf) -> Result:
        """Prints a slip."""
        if self._mute:
            return Result(Outcome.FAILED, Reason.NO_RESPONSE)
        if not isinstance(instruction, Print):
            return Result(Outcome.DONE) if isinstance(instruction, Identify) else NOT_MINE
        return self._slip(instruction, deadline)

    def _slip(self, instruction: Print, deadline: float) -> Result:
        if self._cover == "open":
            return Result(Outcome.FAILED, Reason.COVER_OPEN)
        slip = msgspec.json.encode(instruction)
        if any(old.read_bytes() == slip for old in self._slips()):  # one that a power cut has torn is none
            return Result(Outcome.ALREADY)
        if self._left == 0:
            return Result(Outcome.FAILED, Reason.PAPER_OUT, {"paper": "out"})
        return EXPIRED if over(deadline) else self._print(slip)

    def apply(self, body: DesiredBody) -> None:  # noqa: ARG002 - the same for every driver
        """A printer shows nothing."""
        raise ValueError("a printer has nothing to show or to set")

    def _print(self, slip: bytes) -> Result:
        time.sleep(self._settings.print_s)
        (self._tray / f"{next(self._number):06d}.json").write_bytes(slip)
        for old in self._slips()[:-KEPT]:
            old.unlink(missing_ok=True)
        with self._lock:
            self._left = max(0, self._left - 1)  # somebody may have taken the roll out meanwhile
        self._tell()
        return Result(Outcome.DONE, None, {"paper": self._paper()})

    def _tell(self) -> None:
        with self._lock:
            self._world.save(SavedPrinter(self._left, self._cover, self._mute))
        self._report.state(self.state())

    def _slips(self) -> list[Path]:
        return sorted(self._tray.glob("[0-9]*.json"))

    def _paper(self) -> PaperState:
        if self._left == 0:
            return "out"
        return "low" if self._left <= self._settings.low else "ok"

    def _on_action(self, action: str) -> None:
        with self._lock:
            match action:
                case "paper-out":
                    self._left = 0
                case "paper-in":
                    self._left = self._settings.roll
                case "cover-open" | "cover-close":
                    self._cover = "open" if action == "cover-open" else "closed"
                case "mute" | "fix":
                    self._mute = action == "mute"
        self._tell()
