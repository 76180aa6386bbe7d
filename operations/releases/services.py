"""The services of a box: which of them run here, and how they are stopped, started and started anew.

Where the service manager is systemd, by `systemctl`; in a container or on a bench by a command of one's own; or by
nothing, where a person does it.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, Protocol, get_args

from edge.errors import StorekeeperError

Part = Literal["gateway", "devices", "kiosk", "sync", "cloud"]
Act = Literal["stop", "start", "restart"]

PARTS: Final[tuple[Part, ...]] = get_args(Part)
UNITS: Final[dict[Part, str]] = {
    "gateway": "storekeeper-gateway.service",
    "devices": "storekeeper-devices.service",
    "kiosk": "storekeeper-kiosk@*.service",
    "sync": "storekeeper-sync.service",
    "cloud": "storekeeper-cloud.service",
}
PATIENCE_S: Final = 120.0
"""A stop waits for what is under way: the gateway's unit gives it 90 s."""


class ServiceError(StorekeeperError):
    """A service could not be stopped or started: which, and what was said."""


class Services(Protocol):
    """The port to whatever runs the services."""

    can_act: bool
    """Whether it can stop and start anything."""

    def act(self, act: Act, parts: Iterable[Part]) -> None:
        """Stops, starts or restarts those of the parts that run on this box. Raises `ServiceError`."""

    def runs(self, part: Part) -> bool:
        """Whether a part runs, or is being tried again and again; False also where nobody knows."""


class Systemd:
    """Units of systemd. Parts whose unit is not enabled on this box are left alone."""

    can_act = True

    def __init__(self, systemctl: str = "systemctl") -> None:
        self._systemctl = systemctl

    def act(self, act: Act, parts: Iterable[Part]) -> None:
        """Returns once a stop is done; a start is only ordered: whether it succeeds is for whoever watches."""
        units = [unit for part in parts for unit in self._units_here(part)]
        if units:
            more = [] if act == "stop" else ["--no-block"]
            self._run([act, *more, *units])

    def runs(self, part: Part) -> bool:
        """Whether one of its units is up, or comes up again and again."""
        said = self._run(["list-units", "--all", "--plain", "--no-legend", UNITS[part]]).split()
        return bool({"active", "activating", "reloading", "failed"} & set(said))

    def _units_here(self, part: Part) -> list[str]:
        """The units of a part that are meant to run here, whether or not they do now."""
        listed = self._run(["list-units", "--all", "--plain", "--no-legend", UNITS[part]])
        loaded = [line.split()[0] for line in listed.splitlines() if line.split()]
        files = self._run(["list-unit-files", "--plain", "--no-legend", "--state=enabled", UNITS[part]])
        enabled = [line.split()[0] for line in files.splitlines() if line.split() and "@." not in line.split()[0]]
        running = [unit for unit in loaded if self._is_wanted(unit)]
        return list(dict.fromkeys([*running, *enabled]))

    def _is_wanted(self, unit: str) -> bool:
        said = self._run(["show", "--property=ActiveState,UnitFileState", "--value", unit]).split()
        return bool({"active", "activating", "failed", "reloading", "enabled"} & set(said))

    def _run(self, words: list[str]) -> str:
        try:
            ended = subprocess.run(
                [self._systemctl, *words], capture_output=True, text=True, timeout=PATIENCE_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ServiceError(f"systemctl {' '.join(words)}: {error}") from None
        if ended.returncode and words[0] in get_args(Act):
            said = (ended.stderr.strip() or f"exit code {ended.returncode}").splitlines()[-1]
            raise ServiceError(f"systemctl {' '.join(words)}: {said}")
        return ended.stdout


class ServiceCommand:
    """A command of one's own, with `{act}` and `{part}` in it: `supervisorctl {act} storekeeper-{part}`.

    It is asked for each part, and is to leave alone what does not run on this box.
    """

    can_act = True

    def __init__(self, command: str) -> None:
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise ServiceError(f"services: {command!r} is no command: {error}") from None
        if not self._words or "{act}" not in command or "{part}" not in command:
            raise ServiceError(
                f"services: expected a command with {{act}} and {{part}} in it, such as "
                f"'command:supervisorctl {{act}} storekeeper-{{part}}'; found {command!r}"
            )

    def act(self, act: Act, parts: Iterable[Part]) -> None:
        """Asks the command for one part after the other."""
        for part in parts:
            words = [word.replace("{act}", act).replace("{part}", part) for word in self._words]
            try:
                ended = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
            except (OSError, subprocess.TimeoutExpired) as error:
                raise ServiceError(f"{shlex.join(words)}: {error}") from None
            if ended.returncode:
                said = (ended.stderr.strip() or f"exit code {ended.returncode}").splitlines()[-1]
                raise ServiceError(f"{shlex.join(words)}: {said}")

    def runs(self, part: Part) -> bool:  # noqa: ARG002 - the port's
        """Nobody knows."""
        return False


class NoServices:
    """Nothing here can start anything: whoever runs the box does."""

    can_act = False

    def act(self, act: Act, parts: Iterable[Part]) -> None:
        """Raises `ServiceError`."""
        raise ServiceError(f"nothing on this box can {act} {', '.join(parts)}: do it by hand")

    def runs(self, part: Part) -> bool:  # noqa: ARG002 - the port's
        """Nobody knows."""
        return False


def services_of(how: str) -> Services:
    """`systemd`, `command:…`, `none`, or `auto`: systemd where it runs and knows the gateway. Raises `ServiceError`."""
    kind, _, command = how.partition(":")
    if kind == "command":
        return ServiceCommand(command)
    if how == "systemd" or (how == "auto" and has_systemd()):
        return Systemd()
    if how in ("none", "auto"):
        return NoServices()
    raise ServiceError(f"services: expected systemd, none or command:…; found {how!r}")


def has_systemd() -> bool:
    """Whether systemd runs this machine and has the gateway's unit."""
    systemctl = shutil.which("systemctl")
    if systemctl is None or not Path("/run/systemd/system").is_dir():
        return False
    ended = subprocess.run([systemctl, "cat", UNITS["gateway"]], capture_output=True, check=False)
    return ended.returncode == 0
