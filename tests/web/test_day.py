"""A day of five thousand honest shoppers behind one address, and what a script can take. By a clock that is set."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict, deque
from typing import Any, cast

import pytest

from edge.errors import Refusal
from edge.gateway.bounds import Act, Bounds, Requester
from edge.settings.bounds import ActBounds, BoundsSettings
from tests.web.day import ADDRESS, BANKS, CARTS, POSTERS, SCREENS, SHELVES, SHOPPERS, Asked, Day

SETTINGS = BoundsSettings()
STEP_S = 30
HOUR_S = 3600.0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Tables:
    """What the tables count, counted by hand: how near a day comes to it."""

    def __init__(self) -> None:
        self._printed: dict[str, deque[float]] = defaultdict(deque)
        self._live: Counter[tuple[str, int]] = Counter()
        self._had: set[tuple[str, str]] = set()
        self._open: dict[str, list[float]] = defaultdict(list)
        self._held: dict[str, list[float]] = defaultdict(list)
        self._since: dict[str, float] = {}
        self.most = Counter[str]()

    def take(self, asked: Asked) -> None:
        if asked.coupon and (asked.browser, asked.coupon) not in self._had:
            self._had.add((asked.browser, asked.coupon))
            self._claim(asked)
        if asked.act == "registering":
            self._since.setdefault(asked.browser, asked.at)
        if asked.act == "opening" and asked.lasts:
            what = "doors" if asked.touchpoint in BANKS else "carts"
            where = asked.touchpoint if what == "doors" else "carts"
            self._stand(what, self._open[where], asked.at, asked.at + asked.lasts)
            new_until = self._since.get(asked.browser, -HOUR_S) + HOUR_S
            if asked.held and asked.at < new_until:
                self._stand(f"new {what}", self._held[where], asked.at, min(asked.at + asked.held, new_until))

    def _stand(self, what: str, standing: list[float], now: float, until: float) -> None:
        """How many there are already, when one more comes that stands until then."""
        while standing and standing[0] <= now:
            heapq.heappop(standing)
        self._note(what, len(standing))
        heapq.heappush(standing, until)

    def _claim(self, asked: Asked) -> None:
        if asked.touchpoint in SCREENS:
            step = int(asked.at // STEP_S)
            self._live[asked.coupon, step] += 1
            self._note("live", self._live[asked.coupon, step])
            return
        taken = self._printed[asked.coupon]
        while taken and taken[0] <= asked.at - 3600:
            taken.popleft()
        taken.append(asked.at)
        self._note("printed", len(taken))

    def _note(self, what: str, count: int) -> None:
        self.most[what] = max(self.most[what], count)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("new", [0.25, 1.0], ids=["a usual day", "an opening day"])
def test_nobody_is_refused_on_a_full_day_behind_one_address(seed: int, new: float) -> None:
    now = Clock()
    bounds, tables, asked_for = Bounds(SETTINGS, now), Tables(), Counter[str]()
    for asked in Day(seed, new):
        now.now = asked.at
        who = Requester(ADDRESS, asked.browser, asked.touchpoint or None, f"member of {asked.browser}")
        bounds.take(cast("Act", asked.act), who)
        tables.take(asked)
        asked_for[asked.act] += 1
    assert not bounds.refused
    assert asked_for["visiting"] > 5 * SHOPPERS
    things, codes = SETTINGS.things, SETTINGS.coupons
    assert tables.most["doors"] < things.doors(24), tables.most
    assert tables.most["carts"] < things.carts(len(CARTS)), tables.most
    assert tables.most["new doors"] < int(things.new_share * 24), tables.most
    assert tables.most["new carts"] < int(things.new_share * len(CARTS)), tables.most
    assert tables.most["live"] <= codes.live_code, tables.most
    assert tables.most["printed"] <= codes.printed_an_hour, tables.most


def attack(act: Act, seconds: float, every: float, **how: Any) -> int:
    """How often a script that asks without a pause is let through. Each request has a new browser and a new person."""
    now = Clock()
    bounds, passed, number = Bounds(SETTINGS, now), 0, 0
    places = how.get("places", ["poster-door"])
    addresses = how.get("addresses", [ADDRESS])
    while now.now < seconds:
        browser = None if how.get("nameless") else f"b{number}"
        who = Requester(addresses[number % len(addresses)], browser, places[number % len(places)], f"m{number}")
        try:
            bounds.take(act, who)
            passed += 1
        except Refusal:
            pass
        number += 1
        now.now += every
    return passed


def most(act: Act, side: str, seconds: float) -> float:
    """What a bound lets through in that time."""
    bounds: ActBounds = getattr(SETTINGS, act)
    bound = getattr(bounds, side)
    return float(bound.burst + bound.per_minute * seconds / 60 + 1)


@pytest.mark.parametrize("nameless", [False, True])
def test_ten_thousand_registrations_from_one_address(nameless: bool) -> None:
    passed = attack("registering", 239, 239 / 10_000, nameless=nameless)
    assert passed <= most("registering", "touchpoint", 239)
    everywhere = attack("registering", 239, 239 / 10_000, places=[f"t{n}" for n in range(40)], nameless=nameless)
    assert everywhere <= most("registering", "address", 239)
    assert everywhere < 300, "it was ten thousand"


def test_many_addresses_meet_the_store_s_own_bound() -> None:
    passed = attack(
        "registering", 600, 0.02, addresses=[f"10.1.{n // 250}.{n % 250}" for n in range(5000)],
        places=[f"t{n}" for n in range(40)],
    )  # fmt: skip
    assert passed <= most("registering", "store", 600)
    one_home = attack("registering", 600, 0.02, addresses=[f"2001:db8:1:2::{n:x}" for n in range(5000)])
    assert one_home <= most("registering", "address", 600), "one /64 is one address"


def test_a_slow_drip_gets_the_rate_and_no_more() -> None:
    day = 24 * 3600.0
    assert attack("registering", day, 1.0) <= most("registering", "touchpoint", day)
    assert attack("opening", day, 1.0, places=[f"t{n}" for n in range(250)]) <= most("opening", "address", day)
    assert attack("entering", day, 1.0, places=["locker-a"]) <= most("entering", "touchpoint", day) < 9_000
    assert attack("confirming", day, 1.0) <= most("confirming", "address", day) < 3_000


def test_what_a_script_at_the_codes_of_every_place_could_claim() -> None:
    hour = 3600.0
    passed = attack("claiming", hour, 0.1, places=[*SHELVES, *POSTERS])
    assert passed <= most("claiming", "address", hour)
