"""How much one may ask for: a token bucket for each act and for each side that it is counted by.

In memory, by the monotonic clock: a restart forgives. What costs money (coupons, doors, carts) is bounded in the tables
as well, by the decisions themselves.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import ClassVar, Final, Literal, get_args

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
    "shopping",
    "visiting",
    "scanning",
    "proving",
    "confirming",
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
    "shopping": "too_many_changes",
    "visiting": "too_many_pages",
    "scanning": "too_many_pages",
    "proving": "too_many_proofs",
    "confirming": "too_many_guesses",
}
"""What is said to whoever has used up a bound."""

MAX_KNOWN: Final = 20_000
"""Buckets of one act and side that are remembered."""
FORGOTTEN: Final = 2
"""How many of those that are full again are looked for with each new one: more than come, so that they get fewer."""
SLACK_S: Final = 1e-6
"""What sums of fractions may be off by, so that the last of a burst is not refused for it."""
EPISODE_S: Final = 120.0
"""How long after the last refusal staff is still told."""
MINUTE_S: Final = 60.0


class Requester(msgspec.Struct, frozen=True):
    """Who asks, as far as the store can tell."""

    address: str
    """Of the network, as the caller has it."""
    browser: str | None = None
    touchpoint: str | None = None
    """The code in whose name it is asked; one of ours."""
    member: str | None = None
    store: ClassVar[str] = ""
    """Everybody asks the same one."""

    @property
    def network(self) -> str:
        """What the address counts as."""
        return network_of(self.address)


class Bounds:
    """The buckets of one store. `take` before the act; nothing is used up by what is refused."""

    def __init__(self, settings: BoundsSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sides = {act: _sides(getattr(settings, act)) for act in get_args(Act)}
        self._tallies: dict[tuple[Act, str], _Tally] = {}
        self.refused: Counter[tuple[Act, Side]] = Counter()
        """How often each bound refused."""

    def take(self, act: Act, who: Requester) -> None:
        """One more of this act. Raises `Refusal` with `seconds`: when it may be asked again."""
        if act == "asking" and who.browser is None:
            # The page that asks gives its browser a name; what asks without one is no such page.
            who = msgspec.structs.replace(who, browser=f"@{who.network}")
        now = self._clock()
        place = (act, who.touchpoint or "")
        tally = self._tallies.get(place) or self._tallies.setdefault(place, _Tally())
        tally.add(now)
        found = []
        for side, field, buckets in self._sides[act]:
            key = getattr(who, field)
            if key is None:
                continue
            if buckets.crowded:
                key = buckets.counted_as(key, now)
            full_at = buckets.full_at.get(key, now)
            if full_at <= now:
                full_at = now
            elif full_at > now + buckets.room_s:
                self.refused[act, side] += 1
                tally.refused(now)
                seconds = max(1, math.ceil(full_at - now - buckets.room_s))
                raise Refusal(REFUSED[act], seconds=seconds, reason=act)
            found.append((buckets, key, full_at))
        for buckets, key, full_at in found:
            buckets.put(key, full_at, now)

    @contextmanager
    def guess(self, act: Act, who: Requester, wrong: str) -> Iterator[None]:
        """An act that costs something only where it is refused as `wrong`. It is taken before, and given back: many at
        once would all find that there is one more. Raises `Refusal` as `take`.
        """
        self.take(act, who)
        costs = False
        try:
            yield
        except Refusal as refusal:
            costs = refusal.code == wrong
            raise
        finally:
            if not costs:
                for _, field, buckets in self._sides[act]:
                    buckets.give_back(getattr(who, field))

    def needs(self, now_ms: int) -> list[Need]:
        """One line for staff while bounds refuse: the busiest place, and how much is asked for there in a minute."""
        now = self._clock()
        going_on = [(tally.rate(now), act, place) for (act, place), tally in self._tallies.items() if tally.hot(now)]
        if not going_on:
            return []
        rate, act, place = max(going_on)
        since = now_ms - round((now - self._tallies[act, place].since) * 1000)
        return [Need(f"bounds:{act}:{place}", SOON, place, f"bounds_{act}", since, {"rate": rate, "place": place})]


class _Buckets:
    """The buckets of one act by one side. What is left in one is told by the moment at which it is full again."""

    def __init__(self, bound: Bound) -> None:
        self._one_s = MINUTE_S / bound.per_minute
        self.room_s = (bound.burst - 1) * self._one_s + SLACK_S
        """How far from full a bucket may be with one more in it."""
        self.full_at: dict[str, float] = {}
        """By key. The longest untouched stand first."""
        self.crowded = False
        """Whether there are as many as are remembered."""

    def counted_as(self, key: str, now: float) -> str:
        """Where a key is counted while it is crowded.

        Where no bucket is full again and may be forgotten, newcomers share one: a flood of names resets nobody's.
        """
        if key in self.full_at or next(iter(self.full_at.values())) <= now:
            return key
        return SHARED

    def put(self, key: str, full_at: float, now: float) -> None:
        """One is taken from a bucket that is full at that moment, now or later."""
        known = self.full_at
        if known.pop(key, None) is None:
            self._make_room(now)
            self.crowded = len(known) + 1 >= MAX_KNOWN
        known[key] = full_at + self._one_s

    def give_back(self, key: str) -> None:
        """One that was taken is in the bucket again."""
        if key in self.full_at:
            self.full_at[key] -= self._one_s

    def _make_room(self, now: float) -> None:
        """For one more: two that are full again go, which are as good as none; where too many are not, the oldest."""
        known = self.full_at
        for oldest in [*islice(known, FORGOTTEN)]:
            if known[oldest] <= now:
                del known[oldest]
        if len(known) >= MAX_KNOWN:
            del known[next(iter(known))]


SHARED: Final = "?"


class _Tally:
    """How often something was asked for at a place, in this minute and in the one before."""

    __slots__ = ("_before", "_minute", "_now", "last", "since")

    def __init__(self) -> None:
        self._minute, self._now, self._before = 0.0, 0, 0
        self.since = self.last = -math.inf

    def add(self, now: float) -> None:
        minute = now // MINUTE_S
        if minute != self._minute:
            self._roll_over(minute)
        self._now += 1

    def refused(self, now: float) -> None:
        if not self.hot(now):
            self.since = now
        self.last = now

    def hot(self, now: float) -> bool:
        return now - self.last < EPISODE_S

    def rate(self, now: float) -> int:
        """How many in a minute: of the fuller of the two."""
        self._roll_over(now // MINUTE_S)
        return max(self._now, self._before)

    def _roll_over(self, minute: float) -> None:
        if minute != self._minute:
            self._before = self._now if minute == self._minute + 1 else 0
            self._minute, self._now = minute, 0


def _sides(bounds: ActBounds) -> list[tuple[Side, str, _Buckets]]:
    """What many share is asked first: a flood leaves no trace in the tables of browsers."""
    found: list[tuple[Side, Bound | None]] = [(side, getattr(bounds, side)) for side in get_args(Side)]
    return [(side, _FIELDS.get(side, side), _Buckets(bound)) for side, bound in found if bound is not None]


_FIELDS: Final[dict[Side, str]] = {"address": "network"}
"""What of `Requester` names a side, where that is not called as the side is."""


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
