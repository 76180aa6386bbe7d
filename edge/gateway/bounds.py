"""How much one may ask for: a token bucket for each act and for each side that it is counted by.

In memory, by the monotonic clock: a restart forgives. What costs money (coupons, doors, carts) is bounded in the tables
as well, by the decisions themselves.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, Literal, get_args

import msgspec

from edge.domain.needs import SOON, Need
from edge.errors import Refusal
from edge.settings.bounds import ActBounds, Bound, BoundsSettings

Act = Literal[
    "registering",
    "claiming",
    "opening",
    "collecting",
    "finding",
    "changing",
    "calling",
    "guessing",
    "entering",
    "asking",
    "visiting",
    "scanning",
    "proving",
]
Side = Literal["store", "address", "touchpoint", "member", "browser"]

REFUSED: Final[dict[Act, str]] = {
    "registering": "too_many_registrations",
    "claiming": "too_many_claims",
    "opening": "too_many_openings",
    "collecting": "too_many_openings",
    "finding": "too_many_openings",
    "changing": "too_many_changes",
    "calling": "too_many_calls",
    "guessing": "too_many_guesses",
    "entering": "too_many_guesses",
    "asking": "too_many_scans",
    "visiting": "too_many_pages",
    "scanning": "too_many_pages",
    "proving": "too_many_proofs",
}
"""What is said to whoever has used up a bound."""

MOST_KNOWN: Final = 20_000
"""Buckets of one act and side that are remembered."""
EPISODE_S: Final = 120.0
"""How long after the last refusal staff is still told."""
MINUTE_S: Final = 60.0


class Who(msgspec.Struct, frozen=True):
    """Who asks, as far as the store can tell."""

    address: str
    """Of the network, as the caller has it."""
    browser: str | None = None
    touchpoint: str | None = None
    """The code in whose name it is asked; one of ours."""
    member: str | None = None


class Bounds:
    """The buckets of one store. `take` before the act; nothing is used up by what is refused."""

    def __init__(self, settings: BoundsSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sides = {act: _sides(getattr(settings, act)) for act in get_args(Act)}
        self._tallies: dict[tuple[Act, str], _Tally] = {}
        self.refused: Counter[tuple[Act, Side]] = Counter()
        """How often each bound refused."""

    def take(self, act: Act, who: Who, *, use: bool = True) -> None:
        """One more of this act. Raises `Refusal` with `seconds`: when it may be asked again.

        Without `use` it only asks whether there is one more: for an act that costs something when it fails.
        """
        now = self._clock()
        tally = self._tally(act, who.touchpoint or "", now)
        found = []
        for side, buckets in self._sides[act]:
            key = _key(act, side, who)
            if key is None:
                continue
            place, left = buckets.look(key, now)
            if left < 1:
                self.refused[act, side] += 1
                tally.refused(now)
                raise Refusal(REFUSED[act], seconds=buckets.wait(left))
            found.append((buckets, place, left))
        for buckets, place, left in found if use else ():
            buckets.put(place, left - 1, now)

    def needs(self, now_ms: int) -> list[Need]:
        """One line for staff while bounds refuse: the busiest place, and how much is asked for there in a minute."""
        now = self._clock()
        going_on = [(tally.rate(now), act, place) for (act, place), tally in self._tallies.items() if tally.hot(now)]
        if not going_on:
            return []
        rate, act, place = max(going_on)
        since = now_ms - round((now - self._tallies[act, place].since) * 1000)
        return [Need(f"bounds:{act}:{place}", SOON, place, f"bounds_{act}", since, {"rate": rate, "place": place})]

    def _tally(self, act: Act, place: str, now: float) -> _Tally:
        tally = self._tallies.get((act, place))
        if tally is None:
            tally = self._tallies[act, place] = _Tally()
        tally.add(now)
        return tally


class _Buckets:
    """The buckets of one act by one side."""

    def __init__(self, bound: Bound) -> None:
        self._burst = float(bound.burst)
        self._per_s = bound.per_minute / MINUTE_S
        self._full_after = self._burst / self._per_s
        self._left: dict[str, tuple[float, float]] = {}
        """By key: what was left, and when that was so. The longest untouched stand first."""

    def look(self, key: str, now: float) -> tuple[str, float]:
        """Where a key is counted, and what is left there.

        Where no bucket is full again and may be forgotten, newcomers share one: a flood of names resets nobody's.
        """
        known = self._left.get(key)
        if known is None:
            if len(self._left) < MOST_KNOWN or now - next(iter(self._left.values()))[1] >= self._full_after:
                return key, self._burst
            key = SHARED
            known = self._left.get(key, (self._burst, now))
        left, since = known
        return key, min(self._burst, left + (now - since) * self._per_s)

    def put(self, key: str, left: float, now: float) -> None:
        """So much is left now."""
        if self._left.pop(key, None) is None and len(self._left) >= MOST_KNOWN:
            del self._left[next(iter(self._left))]
        self._left[key] = (left, now)

    def wait(self, left: float) -> int:
        """Seconds until there is one more."""
        return max(1, math.ceil((1 - left) / self._per_s))


SHARED: Final = "?"


class _Tally:
    """How often something was asked for at a place, in this minute and in the one before."""

    __slots__ = ("_before", "_minute", "_now", "last", "since")

    def __init__(self) -> None:
        self._minute = self._now = self._before = 0
        self.since = self.last = -math.inf

    def add(self, now: float) -> None:
        self._turn(now)
        self._now += 1

    def refused(self, now: float) -> None:
        if not self.hot(now):
            self.since = now
        self.last = now

    def hot(self, now: float) -> bool:
        return now - self.last < EPISODE_S

    def rate(self, now: float) -> int:
        """How many in a minute: of the fuller of the two."""
        self._turn(now)
        return max(self._now, self._before)

    def _turn(self, now: float) -> None:
        minute = int(now // MINUTE_S)
        if minute != self._minute:
            self._before = self._now if minute == self._minute + 1 else 0
            self._minute, self._now = minute, 0


def _sides(bounds: ActBounds) -> list[tuple[Side, _Buckets]]:
    """What many share is asked first: a flood leaves no trace in the tables of browsers."""
    found: list[tuple[Side, Bound | None]] = [(side, getattr(bounds, side)) for side in get_args(Side)]
    return [(side, _Buckets(bound)) for side, bound in found if bound is not None]


def _key(act: Act, side: Side, who: Who) -> str | None:
    if side == "store":
        return ""
    if side == "address":
        return network_of(who.address)
    if side == "browser" and who.browser is None:
        # The page that asks gives its browser a name; what asks without one is no such page.
        return f"@{network_of(who.address)}" if act == "asking" else None
    found: str | None = getattr(who, side)
    return found


def network_of(address: str) -> str:
    """What an address counts as: itself, or its /64 where it is IPv6. One phone may take any address of that."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = found.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.IPv6Network((found, 64), strict=False).network_address)
