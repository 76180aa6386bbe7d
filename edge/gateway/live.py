"""What a device said last, and when that which flaps may come through. In memory only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from device_drivers.contract import Applied, State, Status
from edge.domain.devices.rules import EVERY_MS
from edge.gateway.flap_filter import BOUNCE, PRESENCE, FlapFilter

SHORTEST_WAIT_S: Final = 0.1
NOTE_S: Final = EVERY_MS / 1000
LEAP: Final = 0.1
"""No battery drains or fills by so much between two messages, however its gauge trembles; a loose contact does."""

Part = Literal["presence", "state", "charge"]
"""What of a device may flap."""


class Live(msgspec.Struct):
    """What a device said last."""

    kind: str
    online: bool = False
    said: Status = Status(online=False)
    """Its status, by its own word or for want of one."""
    verbs: frozenset[str] = frozenset()
    """What it can be told to do, by its own word."""
    state: State | None = None
    stated: float | None = None
    """Monotonic seconds at which it was said; None where the broker says it for the device."""
    applied: Applied | None = None
    heard: float = 0.0
    """Monotonic seconds of the last message."""
    spoke: float = 0.0
    """The same of the last that came from the device itself just then: what is retained the broker says for it."""
    missed: Status | None = None
    """What it said of itself before it was taken for gone because it had fallen silent."""
    presence: FlapFilter = msgspec.field(
        default_factory=lambda: FlapFilter(PRESENCE, weight=lambda status: int(status[0]))
    )
    observed: FlapFilter = msgspec.field(default_factory=lambda: FlapFilter(BOUNCE))
    charge: FlapFilter = msgspec.field(default_factory=lambda: FlapFilter(PRESENCE))
    """Where its battery leapt to."""

    def steadies(self) -> tuple[tuple[Part, FlapFilter], ...]:
        """What may flap, by its name."""
        return (("presence", self.presence), ("state", self.observed), ("charge", self.charge))

    def believes(self, charge: float | None) -> bool:
        """Whether a charge that it says counts now, and not only once its battery has stopped leaping."""
        leapt = self.charge.newest("")
        if charge is not None and (leapt is None or abs(charge - leapt) >= LEAP):
            self.charge.say({"": charge})
        return not self.charge.held


class FlapTimers:
    """Lets what waits come through when it is time, and has flips noted at most once a minute."""

    def __init__(
        self, settled: Callable[[str, Live, Part], None], flapped: Callable[[str, Part, int, float], None]
    ) -> None:
        self._settled = settled
        """Takes what came through: the device and what of it."""
        self._flapped = flapped
        """Takes how many flips there were since it was told last, and for how many seconds they last."""
        self._settling: dict[tuple[str, str], asyncio.TimerHandle] = {}
        """Of each device whose newest waits because it flaps, when that may come through."""
        self._noting: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self._noted: dict[tuple[str, str], float] = {}

    def set(self, device: str, live: Live) -> None:
        """Set the timers anew: the device has said something."""
        loop, now = asyncio.get_running_loop(), time.monotonic()
        for what, steady in live.steadies():
            key = (device, what)
            if (wait := steady.due()) is not None:
                if key in self._settling:
                    self._settling[key].cancel()
                self._settling[key] = loop.call_later(wait + SHORTEST_WAIT_S, self._settle, device, live, what, steady)
            if steady.flapped and key not in self._noting:
                wait = max(0.0, self._noted.get(key, now - NOTE_S) + NOTE_S - now)
                self._noting[key] = loop.call_later(wait, self._note, device, what, steady)

    def stop(self) -> None:
        """Let nothing come any more."""
        for waiting in (self._settling, self._noting):
            for handle in waiting.values():
                handle.cancel()

    def _settle(self, device: str, live: Live, what: Part, steady: FlapFilter) -> None:
        del self._settling[device, what]
        if steady.settle():
            self._settled(device, live, what)
        self.set(device, live)

    def _note(self, device: str, what: Part, steady: FlapFilter) -> None:
        del self._noting[device, what]
        self._noted[device, what] = time.monotonic()
        more, steady.flapped = steady.flapped, 0
        self._flapped(device, what, more, steady.lasted_s())
