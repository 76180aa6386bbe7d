"""A day in a busy store, as a list of what its shoppers ask for. Nobody in it does anything that a person would not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

SHOPPERS: Final = 5_000
HOURS: Final = {8: 3, 9: 4, 10: 5, 11: 8, 12: 13, 13: 9, 14: 5, 15: 5, 16: 7, 17: 12, 18: 14, 19: 8, 20: 5, 21: 2}
"""How the day's shoppers come in, in parts of a hundred: a peak at noon and one after work."""
ADDRESS: Final = "10.0.0.1"
"""The store's WiFi has one address on the gateway's side."""
CARTS: Final = [f"cart-{number:03d}" for number in range(250)]
BANKS: Final = [f"locker-{letter}" for letter in "abcdefghij"]
"""Of 24 doors each."""
POSTERS: Final = ["poster-door", "poster-side"]
SHELVES: Final = [f"shelf-{number:02d}" for number in range(12)]
SCREENS: Final = [f"screen-{number}" for number in range(4)]
OFFERS: Final = 5
"""Coupons in each zone. Half of all want the same one."""


@dataclass(order=True)
class Asked:
    """One request of one phone, `at` seconds after midnight. What the tables count is in the last fields."""

    at: float
    act: str = field(compare=False)
    browser: str = field(compare=False)
    touchpoint: str = field(compare=False)
    coupon: str = field(default="", compare=False)
    """Claimed; with a live code where the touchpoint is a screen."""
    lasts: float = field(default=0.0, compare=False)
    """For so long what opened stands in its dock, or with its door open."""
    held: float = field(default=0.0, compare=False)
    """For so long the cart or the door is theirs."""


class Day:
    """`new` is the share of phones that were never here. The same seed is the same day."""

    def __init__(self, seed: int, new: float, shoppers: int = SHOPPERS) -> None:
        self._chance = random.Random(seed)
        self._slip = random.Random(seed)
        """Of whoever mistypes a code from an SMS: the rest of the day does not hang on it."""
        self._new = new
        self._shoppers = shoppers

    def __iter__(self) -> Iterator[Asked]:
        asked = [each for at, phone in self._arrivals() for each in self._visit(at, phone)]
        asked += self._confirm(asked)
        yield from sorted(asked)

    def _arrivals(self) -> Iterator[tuple[float, str]]:
        """Alone, in pairs and families, and a coach at some time of the day."""
        hours, weights = list(HOURS), list(HOURS.values())
        coach = self._chance.uniform(11, 18) * 3600
        number = 0
        for _ in range(45):
            yield coach + self._chance.uniform(0, 300), f"coach-{number}"
            number += 1
        while number < self._shoppers:
            hour = self._chance.choices(hours, weights)[0]
            at = (hour + self._chance.random()) * 3600
            for _ in range(self._chance.choices((1, 2, 3, 4, 5), (80, 12, 4, 3, 1))[0]):
                yield at + self._chance.uniform(0, 30), f"phone-{number}"
                number += 1

    def _visit(self, at: float, phone: str) -> Iterator[Asked]:
        chance = self._chance
        unknown = chance.random() < self._new
        if chance.random() < 0.8:
            poster = chance.choice(POSTERS)
            yield from self._page(at, phone, poster)
            if unknown and chance.random() < 0.5:
                at, unknown = at + chance.uniform(15, 90), False
                yield from self._register(at, phone, poster)
        for part, share in ((self._cart, 0.35), (self._bag, 0.15), (self._screens, 0.5), (self._shelves, 0.7)):
            at += chance.uniform(20, 240)
            if chance.random() < share:
                ended, unknown = yield from part(at, phone, unknown)
                at = max(at, ended)
        if chance.random() < 0.1:
            yield from self._camera(at, phone)

    def _confirm(self, asked: list[Asked]) -> Iterator[Asked]:
        """Whoever registers proves the number. One in eight mistypes the code, one in forty goes on until it ends."""
        chance = self._slip
        for phone, at in {each.browser: each.at for each in asked if each.act == "registering"}.items():
            for number in range((chance.random() < 0.125) + 4 * (chance.random() < 0.025)):
                yield Asked(at + 60 + number * chance.uniform(5, 20), "confirming", phone, "")

    def _page(self, at: float, phone: str, place: str) -> Iterator[Asked]:
        """Looked at, often again: a language chosen, a page reloaded, back from the wallet."""
        for again in range(1 + self._chance.choices((0, 1, 2, 5), (60, 25, 12, 3))[0]):
            yield Asked(at + again * self._chance.uniform(1, 20), "visiting", phone, place)
        yield Asked(at + 1, "scanning", phone, place)

    def _register(self, at: float, phone: str, place: str) -> Iterator[Asked]:
        """One in eight mistypes the number; one in ten taps twice; three in a hundred use this phone for the family."""
        chance = self._chance
        tries = 1 + (chance.random() < 0.12) + (chance.random() < 0.1) + 2 * (chance.random() < 0.03)
        for number in range(tries):
            yield Asked(at + number * chance.uniform(0.3, 15), "registering", phone, place)
            yield Asked(at + number * chance.uniform(0.3, 15), "visiting", phone, place)

    def _known(self, at: float, phone: str, place: str, unknown: bool) -> Iterator[Asked]:
        yield from self._page(at, phone, place)
        if unknown:
            yield from self._register(at + self._chance.uniform(15, 60), phone, place)

    def _cart(self, at: float, phone: str, unknown: bool) -> Iterator[Asked]:
        """A family shares one. One in twelve meets a lock that sticks, and tries again, here or next door."""
        chance, cart = self._chance, self._chance.choice(CARTS)
        yield from self._known(at, phone, cart, unknown)
        at += 90 if unknown else chance.uniform(2, 10)
        if chance.random() < 0.05:
            yield Asked(at, "finding", phone, cart)
        tries = chance.randint(2, 5) if chance.random() < 0.08 else 1
        for number in range(tries):
            at += chance.uniform(3, 12) if number else 0
            last = number == tries - 1
            pulled, back = (chance.uniform(3, 20), chance.uniform(900, 3600)) if last else (2, 0)
            yield Asked(at, "opening", phone, cart, lasts=pulled, held=back)
            if chance.random() < 0.1:
                yield Asked(at + 0.4, "opening", phone, cart)
            if not last and chance.random() < 0.5:
                cart = chance.choice(CARTS)
                yield from self._page(at + 1, phone, cart)
        return at, False

    def _bag(self, at: float, phone: str, unknown: bool) -> Iterator[Asked]:
        """A bag into a locker and out of it; four in a hundred need the door once more, some tap twice."""
        chance, bank = self._chance, self._chance.choice(BANKS)
        yield from self._known(at, phone, bank, unknown)
        at += 90 if unknown else chance.uniform(5, 30)
        stays = chance.uniform(900, 5400)
        yield Asked(at, "opening", phone, bank, lasts=chance.uniform(10, 75), held=stays)
        if chance.random() < 0.1:
            yield Asked(at + 0.4, "opening", phone, bank)
        back = at + stays
        for _ in range(1 + (chance.random() < 0.1) + (chance.random() < 0.04)):
            yield Asked(back + chance.uniform(0, 20), "collecting", phone, bank)
        yield from self._page(back - 5, phone, bank)
        if chance.random() < 0.03:
            for number in range(chance.randint(1, 3)):
                yield Asked(back + number * 8, "entering", phone, bank)
        return at, False

    def _screens(self, at: float, phone: str, unknown: bool) -> Iterator[Asked]:
        """Coupons of a screen or two, each with its live code."""
        chance = self._chance
        for _ in range(chance.choices((1, 2), (75, 25))[0]):
            screen = chance.choice(SCREENS)
            for number in range(chance.choices((1, 2, 3), (60, 30, 10))[0]):
                yield from self._known(at, phone, screen, unknown)
                at += 75 if unknown else chance.uniform(3, 20)
                unknown = False
                yield Asked(at, "claiming", phone, screen, coupon=f"{screen}/{self._wanted(number)}")
                if chance.random() < 0.08:
                    yield Asked(at + 0.4, "claiming", phone, screen)
            at += chance.uniform(60, 300)
        return at, unknown

    def _shelves(self, at: float, phone: str, unknown: bool) -> Iterator[Asked]:
        """Some shelf cards; a third of the shoppers save what they find there."""
        chance = self._chance
        saves = chance.random() < 0.35
        for _ in range(chance.choices((1, 2, 3, 6), (50, 25, 15, 10))[0]):
            shelf = chance.choice(SHELVES)
            yield from self._known(at, phone, shelf, unknown and saves)
            if saves:
                at += 75 if unknown else chance.uniform(3, 20)
                unknown = False
                for number in range(chance.choices((1, 2), (80, 20))[0]):
                    yield Asked(at + number, "claiming", phone, shelf, coupon=f"{shelf}/{self._wanted(number)}")
            at += chance.uniform(30, 240)
        return at, unknown

    def _camera(self, at: float, phone: str) -> Iterator[Asked]:
        """The phone's camera over some products."""
        for _ in range(self._chance.randint(3, 30)):
            at += self._chance.uniform(1, 20)
            yield Asked(at, "asking", phone, "")

    def _wanted(self, number: int) -> int:
        """The first offer is what half of all came for."""
        return 0 if number == 0 and self._chance.random() < 0.5 else self._chance.randrange(OFFERS)
