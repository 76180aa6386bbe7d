"""What a device says, with its flapping taken out: what is true comes through, what only flickers is counted.

A change comes through at once. A driver that has just started and does not know its sensors yet is given a little time,
and nothing is told if all is as before by then. Who changes too often is let through more rarely, with the newest.
In memory: after a restart a device has to flap again to be damped.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

SILENCE_S: Final = 5.0
"""How long a driver that has just started may know nothing of its sensors before that is news."""
STARTING_S: Final = 10.0
"""For so long after it came, a driver has just started."""
MAX_PARTS: Final = 512
"""Names that a device may have invented are forgotten beyond so many."""
NOTHING: Final[tuple[object, ...]] = (None, "unknown")
_SILENCE: Final = "\0silence"
"""The part whose flips are those of going silent; no device can name it, as no text holds a NUL."""


class Limit(msgspec.Struct, frozen=True):
    """So many changes within a time are flapping; then one comes through in `every_s`."""

    most: int
    within_s: float
    every_s: float


PRESENCE: Final = Limit(most=6, within_s=300.0, every_s=60.0)
"""Three times gone and back within five minutes."""
BOUNCE: Final = Limit(most=90, within_s=120.0, every_s=10.0)
"""More than hands can do at one door or one cart in two minutes: a change in each second and a third."""


class _Flips:
    """The last changes of one part."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.passed = float("-inf")
        self.over = False
        self._times: deque[tuple[float, int]] = deque(maxlen=limit.most)

    def add(self, now: float, weight: int) -> int:
        """One more change. Returns how many are to be counted as flapping: all of them, when it has just begun."""
        self._times.append((now, weight))
        was = self.over
        self.over = len(self._times) == self.limit.most and now - self._times[0][0] <= self.limit.within_s
        if not self.over:
            return 0
        return weight if was else sum(one for _, one in self._times)

    @property
    def first(self) -> float:
        """When the oldest of them was."""
        return self._times[0][0]

    def is_recent(self, now: float) -> bool:
        """Whether it has changed lately at all."""
        return now - self._times[-1][0] <= self.limit.within_s

    def wait(self, now: float) -> float:
        """Seconds until the newest may come through."""
        return max(0.0, self.passed + self.limit.every_s - now) if self.over else 0.0


class FlapFilter:
    """One device's presence, or what it observes, part by part (a bank's parts are its doors)."""

    def __init__(
        self,
        limit: Limit,
        weight: Callable[[Any], int] = lambda _: 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.told: dict[str, Any] = {}
        """What has come through."""
        self.flapped = 0
        """Changes while it flapped that nobody has noted yet; whoever notes them takes them away."""
        self._limit = limit
        self._weight = weight
        self._clock = clock
        self._newest: dict[str, Any] = {}
        self._due: dict[str, float] = {}
        self._flips: dict[str, _Flips] = {}
        self._started = float("-inf")

    def starts(self) -> None:
        """It has just come, or come back."""
        self._started = self._clock()

    @property
    def held(self) -> bool:
        """Whether something newer waits."""
        return bool(self._due)

    def newest(self, part: str) -> Any:
        """What it said of that last, whether or not it has come through; None where it said nothing."""
        return self._newest.get(part)

    def lasted_s(self) -> float:
        """How long ago the oldest change was that its flapping is judged by."""
        now = self._clock()
        starts = [flips.first for flips in self._flips.values() if flips.over and flips.is_recent(now)]
        return now - min(starts) if starts else 0.0

    def say(self, parts: Mapping[str, Any]) -> bool:
        """It says this now. True where something may be told: it is new, or it is known again after a doubt."""
        if len(self._newest) > MAX_PARTS:
            self._forget()
        now, silent, told = self._clock(), [], False
        for name, value in parts.items():
            known, before = name in self.told, self._newest.get(name)
            self._newest[name] = value
            if not known:
                self.told[name], told = value, True
            elif value == before:
                continue
            elif _is_less(self.told[name], value):
                silent.append(name)
            else:
                told = self._changed(name, before, value, now) or told
        if silent:
            return self._hush(silent, now) or told
        if not self._due:
            self._started = float("-inf")  # it knows its sensors: from now on silence is news
        return told

    def due(self) -> float | None:
        """Seconds until something that waits may come through."""
        return max(0.0, min(self._due.values()) - self._clock()) if self._due else None

    def settle(self) -> bool:
        """Let through what has waited long enough. True where there was something."""
        now = self._clock()
        ready = [name for name, when in self._due.items() if when <= now]
        for name in ready:
            if _is_less(self.told[name], self._newest[name]):
                self._flips_of(_SILENCE, PRESENCE).passed = now
            self._pass(name, now)
        return bool(ready)

    def _changed(self, name: str, before: Any, value: Any, now: float) -> bool:
        told = self.told[name]
        if value == told and _is_less(told, before):
            return self._due.pop(name, None) is not None  # as it was before the silence
        flips = self._flips_of(name)
        self.flapped += flips.add(now, self._weight(value))
        if value == told:
            return self._due.pop(name, None) is not None
        wait = flips.wait(now)
        if wait > 0:
            self._due[name] = now + wait
            return False
        self._pass(name, now)
        return True

    def _hush(self, names: list[str], now: float) -> bool:
        """These parts tell less than before: many at once are one change, that of their board."""
        flips = self._flips_of(_SILENCE, PRESENCE)
        self.flapped += flips.add(now, 1)
        wait = max(SILENCE_S if now - self._started < STARTING_S else 0.0, flips.wait(now))
        if wait == 0:
            flips.passed = now
            for name in names:
                self._pass(name, now)
            return True
        for name in names:
            self._due[name] = min(self._due.get(name, now + wait), now + wait)
        return False

    def _pass(self, name: str, now: float) -> None:
        self._due.pop(name, None)
        self.told[name] = self._newest[name]
        self._flips_of(name).passed = now

    def _flips_of(self, name: str, limit: Limit | None = None) -> _Flips:
        found = self._flips.get(name)
        if found is None:
            found = self._flips[name] = _Flips(limit or self._limit)
        return found

    def _forget(self) -> None:
        self._newest.clear()
        self._due.clear()
        self._flips.clear()
        self.told.clear()


def _is_less(before: Any, now: Any) -> bool:
    """Whether it says nothing new, and leaves out something that it knew."""
    if not isinstance(before, dict) or not isinstance(now, dict) or before == now:
        return False
    return all(value in NOTHING or value == before.get(key) for key, value in now.items())
