"""What devices say that breaks the contract, or refuse that they are told: counted, logged, and shown to staff.

In memory: a device that goes on with it says so again after a restart.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import structlog

from edge.domain.needs import LOOK, SOON, Need

log = structlog.get_logger(__name__)

EPISODE_S: Final = 600.0
"""How long after the last time staff are still told."""
LOG_EVERY_S: Final = 60.0
NAMED: Final = 3
"""How many wrong fields a card names."""
UNHEARD: Final = frozenset({"bad_args", "no_expiry", "stale_fence"})
"""Reasons of a refusal that say that gateway and device do not understand each other; the others are said elsewhere."""


class _Episode:
    """Something that goes wrong now, and since when."""

    __slots__ = ("last", "since", "times")

    def __init__(self, now: float) -> None:
        self.since = self.last = now
        self.times = 0


class Mistakes:
    """Those of one store's devices."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.counts: Counter[tuple[str, str]] = Counter()
        """By device and what it was: `wrong`, `rejected`, `malformed`, `retained`, `coalesced`, `held`."""
        self.flaps: Counter[tuple[str, str]] = Counter()
        """By device and what: `presence`, `state`. Staff are told by `edge.domain.devices`."""
        self.refusals: Counter[tuple[str, str, str]] = Counter()
        """By device, verb and reason."""
        self._known: frozenset[str] = frozenset()
        self._wrong: dict[str, tuple[tuple[str, ...], float]] = {}
        self._other_kind: dict[str, tuple[str, str, float]] = {}
        """What a device says that it is, what it is here, and since when."""
        self._episodes: dict[tuple[str, str, str], _Episode] = {}
        self._misset: tuple[Mapping[str, Sequence[str]], float] = ({}, 0.0)
        self._logged: dict[tuple[str, str], float] = {}

    def know(self, devices: Iterable[str]) -> None:
        """Which devices are ours. What others do is counted together, and shown to nobody."""
        self._known = frozenset(devices)

    def misset(self, found: Mapping[str, Sequence[str]]) -> None:
        """What is wrong in the settings of these devices, by their drivers' own account; it stays until a restart."""
        self._misset = (found, self._clock())

    def stated(self, device: str, wrong: tuple[str, ...]) -> None:
        """A state came; these of its fields are wrong. None ends it."""
        if not wrong:
            self._wrong.pop(device, None)
            return
        self.counts[device, "wrong"] += 1
        before = self._wrong.get(device)
        since = before[1] if before else self._clock()
        self._wrong[device] = (wrong, since)
        self._log("device.sends_nonsense", device, fields=list(wrong))

    def is_there(self, device: str, said: str | None, ours: str) -> None:
        """It is online, and says of what kind it is. The right one, or none, ends it."""
        if said in (None, ours):
            self._other_kind.pop(device, None)
            return
        since = self._other_kind.get(device, ("", "", self._clock()))[2]
        self._other_kind[device] = (said, ours, since)
        self._log("device.is_of_another_kind", device, said=said, ours=ours)

    def broke(self, device: str, what: str) -> None:
        """A message of it could not be taken, or not as it was sent."""
        ours = device in self._known
        self.counts[device if ours else "", what] += 1
        if ours:
            self._happened("unreadable", device, "")

    def exceeded(self, device: str, what: str) -> None:
        """It says more than its quota."""
        self.counts[device, what] += 1
        self._happened("floods", device, "")
        self._log("device.exceeds_its_quota", device, what=what)

    def flapped(self, device: str, what: str, times: int) -> None:
        """It came and went (`presence`), or its sensors bounced (`state`), so many times more."""
        self.flaps[device, what] += times
        self._log("device.flaps", device, what=what)

    def refused(self, device: str, verb: str, reason: str) -> None:
        """It refused what it was told."""
        self.refusals[device, verb, reason] += 1
        log.warning("device.refused", device=device, verb=verb, reason=reason)
        if reason in UNHEARD:
            self._happened("refuses", device, verb)

    def needs(self, now_ms: int) -> list[Need]:
        """One line for each thing that goes wrong now."""
        now = self._clock()
        found = [
            _need("nonsense", device, since, now, now_ms, {"fields": ", ".join(fields[:NAMED])})
            for device, (fields, since) in self._wrong.items()
        ]
        misset, since = self._misset
        found += [
            _need("misset", device, since, now, now_ms, {"said": "; ".join(said[:NAMED])})
            for device, said in misset.items()
        ]
        found += [
            _need("other_kind", device, since, now, now_ms, {"said": said, "ours": ours})
            for device, (said, ours, since) in self._other_kind.items()
        ]
        for (kind, device, about), episode in self._episodes.items():
            if now - episode.last < EPISODE_S:
                details = {"verb": about, "count": episode.times}
                found.append(_need(kind, device, episode.since, now, now_ms, details))
        return found

    def _happened(self, kind: str, device: str, about: str) -> None:
        now = self._clock()
        episode = self._episodes.get((kind, device, about))
        if episode is None or now - episode.last >= EPISODE_S:
            episode = self._episodes[kind, device, about] = _Episode(now)
        episode.last = now
        episode.times += 1

    def _log(self, event: str, device: str, **about: object) -> None:
        now = self._clock()
        if now - self._logged.get((event, device), -LOG_EVERY_S) >= LOG_EVERY_S:
            self._logged[event, device] = now
            log.warning(event, device=device, **about)


def _need(kind: str, device: str, since: float, now: float, now_ms: int, details: dict[str, object]) -> Need:
    return Need(
        id=f"device_{kind}/{device}/{details.get('verb', '')}",
        urgency=SOON if kind in ("nonsense", "misset", "other_kind") else LOOK,
        device=device,
        kind=f"device_{kind}",
        since_ms=now_ms - round((now - since) * 1000),
        details=details,
    )
