"""Whether a store is well after a change: it answers, every device that was here is back, and the queue moves.

`Before` is taken while the store still runs, `watch` waits until the store is as well as before, or until time is up.
Settings and updates share it; an update has checks of its own beside.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from edge.errors import StorekeeperError
from operations.inside import Inside

WITHIN_S: Final = 30.0
"""How long a store may take to be well again."""
STEADY_S: Final = 2.0
"""How long it must be well before that counts: a process that comes up and dies at once is not."""
PAUSE_S: Final = 0.4
LAST_MINUTE_MS: Final = 60_000


class DeviceHere(msgspec.Struct, frozen=True):
    """A device as the gateway sees it."""

    id: str
    online: bool
    boot: str = ""
    changed_ms: int = 0
    heard: bool = False


class Queue(msgspec.Struct, frozen=True):
    """How far the cloud is."""

    last: int = 0
    acked: int = 0
    state: str = ""

    def moves_since(self, before: Queue) -> bool:
        """Whether facts reach the cloud as they did before; where none did, nothing is asked."""
        return before.state != "ok" or self.acked > before.acked or self.acked >= self.last


class View(msgspec.Struct, frozen=True):
    """What the running gateway says of itself: `/api/v1/box`."""

    instance: str
    journal: bool
    broker: bool
    now_ms: int = 0
    settings: str = ""
    """SHA-256 of the files that it works by."""
    version: str = ""
    devices: tuple[DeviceHere, ...] = ()
    queue: Queue = Queue()


class Before(msgspec.Struct, frozen=True):
    """How a store was before a change."""

    instance: str = ""
    devices: frozenset[str] = frozenset()
    """The devices that were here within the last minute."""
    queue: Queue = Queue()

    def without(self, gone: Iterable[str]) -> Before:
        """The same without devices that the change takes away."""
        return msgspec.structs.replace(self, devices=self.devices.difference(gone))


class HealthVerdict(msgspec.Struct, frozen=True):
    """How a store was found."""

    well: bool
    because: str = ""
    """Why not, as a key of `[box]` in the words."""
    which: str = ""
    took_s: float = 0.0

    @property
    def sentence(self) -> str:
        """Why not, for whoever sits at the terminal."""
        said = SAID.get(self.because, self.because)
        return f"{said}: {self.which}" if self.which else said


SAID: Final = {
    "not_started": "the gateway did not start",
    "not_in_force": "the gateway does not work by them",
    "not_ready": "the store was not ready",
    "devices_away": "devices did not come back",
    "queue_stands": "nothing moved to the cloud any more",
    "stopped": "the work was cut short",
}


class HealthProblem(NamedTuple):
    """What is not well yet."""

    because: str
    which: str = ""


Look = Callable[[], View | None]
"""Asks the store; none where it does not answer."""
Check = Callable[[View], HealthProblem | None]
"""One more thing that must be well."""


def look_at(inside: Inside) -> Look:
    """Asks a gateway at its inside address."""

    def look() -> View | None:
        try:
            answer = inside.get("/api/v1/box", patience_s=3.0)
            return msgspec.convert(answer.body, View) if answer.status == 200 else None
        except (StorekeeperError, msgspec.ValidationError):
            return None

    return look


def before(view: View | None) -> Before:
    """How the store is now; of one that is closed nothing is known, and nothing is asked of it afterwards."""
    if view is None:
        return Before()
    since = view.now_ms - LAST_MINUTE_MS
    here = frozenset(each.id for each in view.devices if each.online or (each.boot and each.changed_ms >= since))
    return Before(view.instance, here, view.queue)


class Expected:
    """What must be so after a change."""

    def __init__(self, was: Before, more: Sequence[Check] = ()) -> None:
        self._was = was
        self._more = more

    def problem(self, view: View | None) -> HealthProblem | None:
        """What is not well; none where all is."""
        if view is None or view.instance == self._was.instance:
            return HealthProblem("not_started")
        if not (view.journal and view.broker):
            return HealthProblem(
                "not_ready", ", ".join(name for name in ("journal", "broker") if not getattr(view, name))
            )
        well = {each.id for each in view.devices if each.online and each.heard}
        away = self._was.devices - well
        if away:
            return HealthProblem("devices_away", ", ".join(sorted(away)))
        if not view.queue.moves_since(self._was.queue):
            return HealthProblem("queue_stands")
        return next((found for check in self._more if (found := check(view))), None)


def watch(
    look: Look,
    expected: Expected,
    within_s: float = WITHIN_S,
    *,
    stopped: Callable[[], bool] = lambda: False,
    pause: Callable[[float], None] = time.sleep,
) -> HealthVerdict:
    """Waits until the store is well and stays so for a moment; what is missing once time is up."""
    began = time.monotonic()
    since: float | None = None
    instance = ""
    while True:
        view = look()
        problem = expected.problem(view)
        now = time.monotonic()
        if problem is None and view is not None:
            if since is None or view.instance != instance:
                since, instance = now, view.instance
            if now - since >= STEADY_S:
                return HealthVerdict(well=True, took_s=now - began)
        else:
            since = None
        if stopped():
            return HealthVerdict(well=False, because="stopped", took_s=now - began)
        if now - began >= within_s and (since is None or now - began >= within_s + STEADY_S):
            found = problem or HealthProblem("not_started")
            return HealthVerdict(well=False, because=found.because, which=found.which, took_s=now - began)
        pause(PAUSE_S)
