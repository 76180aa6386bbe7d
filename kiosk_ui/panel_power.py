"""The panel's light by the clock: when it shines and how brightly, asked of the panel itself after each word to it.

Three ways to reach one: the monitor's own channel (DDC/CI, by `ddcutil`), the television's (CEC, by `cec-ctl`), the
backlight of a built-in one. A command is nothing: what counts is what the panel says afterwards.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from device_drivers.contract import Lit, PanelPlan

log = logging.getLogger(__name__)

PATIENCE_S: Final = 15.0
"""DDC is slow: a word to a monitor takes most of a second, and some answer the third time."""
LOOK_S: Final = 30.0
BACKLIGHTS: Final = Path("/sys/class/backlight")


class Light(msgspec.Struct, frozen=True):
    """What a panel should be, or says that it is."""

    lit: Lit
    brightness: int | None = None
    """Percent; None: as it is set, or it does not say."""


class PanelFailed(RuntimeError):
    """The panel cannot be reached: why."""


class PanelPort(Protocol):
    """One way to one panel. The calls block."""

    def light(self) -> Light:
        """What the panel says. Raises `PanelFailed`."""

    def set(self, wanted: Light) -> None:
        """Tells it; `light` says what became of it. Raises `PanelFailed`."""


# --- the plan ---


def wanted(plan: PanelPlan | None, now: datetime) -> Light | None:
    """What the panel should be at this moment; None: it is left alone."""
    if plan is None or not plan.hours:
        return None
    try:
        local = now.astimezone(ZoneInfo(plan.timezone))
    except (ZoneInfoNotFoundError, ValueError):
        return None
    minute = local.hour * 60 + local.minute
    for hours in plan.hours:
        within = hours.first <= minute < hours.last
        across = hours.first >= hours.last and (minute >= hours.first or minute < hours.last)
        if within or across:
            return Light("yes", hours.brightness)
    return Light("no")


class PanelClock:
    """Keeps a panel to its plan, in a thread of its own."""

    def __init__(
        self,
        port: PanelPort,
        told: Callable[[Light], None],
        in_use: Callable[[], bool] = lambda: False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`told` hears what the panel says. `in_use`: somebody stands there, and a dark panel must shine."""
        self._port = port
        self._told = told
        self._in_use = in_use
        self._now = now
        self._plan: PanelPlan | None = None
        self._wake = threading.Event()
        self._ends = False
        self._trouble = ""

    def start(self) -> None:
        """Begins to keep it."""
        threading.Thread(target=self._run, name="panel", daemon=True).start()

    def stop(self) -> None:
        """The panel stays as it is."""
        self._ends = True
        self._wake.set()

    def follow(self, plan: PanelPlan | None) -> None:
        """This is the plan from now on."""
        if plan != self._plan:
            self._plan = plan
            self._wake.set()

    def touched(self) -> None:
        """Somebody is there: looks at once."""
        if self._plan is not None:
            self._wake.set()

    def keep(self) -> Light:
        """One turn: asks the panel, tells it where it differs, asks again. Returns what the panel says in the end."""
        try:
            says = self._obeyed(self._port.light())
            self._note("")
        except PanelFailed as error:
            self._note(str(error))
            says = Light("unknown")
        self._told(says)
        return says

    def _obeyed(self, says: Light) -> Light:
        """What it says once it was told what it should be. Raises `PanelFailed` where that is something else."""
        wish = wanted(self._plan, self._now())
        if wish is not None and wish.lit == "no" and self._in_use():
            wish = Light("yes")
        if wish is None or not _differs(says, wish):
            return says
        self._port.set(wish)
        says = self._port.light()
        if _differs(says, wish):
            raise PanelFailed(f"told to be {wish.lit}, {wish.brightness}: it says {says.lit}, {says.brightness}")
        return says

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("the panel: %s", trouble or "does as it is told again")
            self._trouble = trouble

    def _run(self) -> None:
        while not self._ends:
            self.keep()
            self._wake.wait(LOOK_S)
            self._wake.clear()


def _differs(says: Light, wish: Light) -> bool:
    if says.lit != wish.lit:
        return True
    return wish.lit == "yes" and None not in (wish.brightness, says.brightness) and says.brightness != wish.brightness


# --- the ways to it ---


class Ddc:
    """A monitor, by `ddcutil`: feature D6 is its power, 10 its brightness."""

    ON, OFF = 1, 4

    def __init__(self, command: Sequence[str] = ("ddcutil",)) -> None:
        self._command = command

    def light(self) -> Light:
        """See `PanelPort`."""
        power = _numbers(_run([*self._command, "getvcp", "--terse", "d6"]), r"VCP D6 S?NC x([0-9a-fA-F]{2})", 16)
        if power[0] != self.ON:
            return Light("no")
        level, most = _numbers(_run([*self._command, "getvcp", "--terse", "10"]), r"VCP 10 C (\d+) (\d+)")
        return Light("yes", round(100 * level / most) if most else None)

    def set(self, wanted: Light) -> None:
        """See `PanelPort`."""
        _run([*self._command, "setvcp", "d6", str(self.ON if wanted.lit == "yes" else self.OFF)])
        if wanted.lit == "yes" and wanted.brightness is not None:
            _run([*self._command, "setvcp", "10", str(wanted.brightness)])


class Cec:
    """A television, by `cec-ctl` of v4l-utils. It has no brightness that anybody may set."""

    def __init__(self, command: Sequence[str] = ("cec-ctl",)) -> None:
        self._command = command

    def light(self) -> Light:
        """See `PanelPort`."""
        said = _run([*self._command, "--to", "0", "--give-device-power-status"])
        state = _numbers(said, r"pwr-state: \S+(?: \S+)* \(0x0([0-3])\)")[0]
        return Light("yes" if state in (0, 2) else "no")

    def set(self, wanted: Light) -> None:
        """See `PanelPort`."""
        _run([*self._command, "--to", "0", "--image-view-on" if wanted.lit == "yes" else "--standby"])


class Backlight:
    """A built-in panel, by the kernel's own files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def light(self) -> Light:
        """See `PanelPort`."""
        try:
            if int((self._folder / "bl_power").read_text("ascii")) != 0:
                return Light("no")
            level, most = (int((self._folder / name).read_text("ascii")) for name in ("brightness", "max_brightness"))
        except (OSError, ValueError) as error:
            raise PanelFailed(f"{self._folder}: {error}") from None
        return Light("yes", round(100 * level / most) if most else None)

    def set(self, wanted: Light) -> None:
        """See `PanelPort`."""
        try:
            (self._folder / "bl_power").write_text("0" if wanted.lit == "yes" else "4", "ascii")
            if wanted.lit == "yes" and wanted.brightness is not None:
                most = int((self._folder / "max_brightness").read_text("ascii"))
                (self._folder / "brightness").write_text(str(round(most * wanted.brightness / 100)), "ascii")
        except (OSError, ValueError) as error:
            raise PanelFailed(f"{self._folder}: {error}") from None


def port_of(way: str, backlights: Path = BACKLIGHTS) -> PanelPort | None:
    """The way to the panel by its name; `auto` takes the first that this machine has. None: there is none."""
    folder = next(iter(sorted(backlights.glob("*"))), None)
    if way in ("auto", "backlight") and folder is not None:
        return Backlight(folder)
    if way in ("auto", "ddc") and shutil.which("ddcutil"):
        return Ddc()
    if way in ("auto", "cec") and shutil.which("cec-ctl"):
        return Cec()
    return None


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PanelFailed(f"{command[0]}: {error}") from None
    if done.returncode:
        raise PanelFailed(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[:200]}")
    return done.stdout


def _numbers(said: str, form: str, base: int = 10) -> list[int]:
    found = re.search(form, said)
    if found is None:
        raise PanelFailed(f"it says what nobody understands: {said.strip()[:200]!r}")
    return [int(part, base) for part in found.groups()]
