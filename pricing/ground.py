"""What stands firm before any search: how much of each position is left at least when an offer's turn comes, and how
much of a saving there lasts to the end.

Every offer is a step that takes the amounts left of the positions and gives smaller ones. On exact fractions each step
is monotone and continuous: of a bit less before it, a share between nothing and all is less after it. `Later.keeps` is
that share at least, through all steps that may follow. Whole numbers add an error, and a coupon that is withdrawn where
most of it would be lost a leap: `Later.slack` bounds both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec

from pricing.campaigns import Bundle
from pricing.offers import Offer, of_basket
from pricing.positions import Places

Run = tuple[Offer, ...]
"""Offers that follow each other and exclude each other, or one alone."""

_Row = dict[Places, list[Offer]]
"""Those of a run of the basket, by their goods."""


class Later(msgspec.Struct, frozen=True):
    """What becomes of a saving in the steps after an offer."""

    keeps: list[float]
    """Of a bit saved at each position, the share that lasts to the end at least."""
    slack: float
    """The most that rounding makes of the difference between two sets, and what is lost where coupons are withdrawn
    because others give more.
    """

    def lasts(self, gains: Mapping[int, int]) -> bool:
        """Whether more money off these positions, and less off those that are below 0, ends in more off the whole."""
        return sum([money * self.keeps[at] if money > 0 else money for at, money in gains.items()]) > self.slack


class Ground:
    """Bounds that hold whatever set of these offers takes part."""

    def __init__(self, offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int]) -> None:
        self.offers, self.units, self.counts = offers, units, counts
        self.shelf = [unit * count for unit, count in zip(units, counts, strict=True)]
        self.runs = runs(offers)
        self.least: dict[int, int] = {}
        """What is left of a basket offer's goods at least when its turn comes, by the offer's identity."""
        self.whole: dict[int, int] = {}
        """What those cost on the shelf."""
        self.later: dict[int, Later] = {}
        self.keeps: dict[int, float] = {}
        """Of a bit saved at any of a basket offer's goods, the share that lasts at least."""
        basket = [_by_places(run) for run in self.runs if not run[0].of_items]
        self._forward(basket)
        self._backward(basket)

    def _forward(self, basket: Sequence[_Row]) -> None:
        left = self._after_items()
        for row in basket:
            before = left[:]
            for places, offers in row.items():
                there, whole = sum([before[at] for at in places]), sum([self.shelf[at] for at in places])
                for offer in offers:
                    self.least[id(offer)], self.whole[id(offer)] = int(there), whole
                kept = 1 - max(_share(offer, there) for offer in offers)
                for at in places:
                    least = before[at] * kept - 1
                    if least < left[at]:
                        left[at] = least if least > 0 else 0.0

    def _after_items(self) -> list[float]:
        """A unit takes part in one item offer at most: so the dearest reduction bounds them all."""
        most = [0] * len(self.shelf)
        for offer in self.offers:
            if not offer.of_items:
                break
            if isinstance(offer.campaign.benefit, Bundle):
                for at in offer.touched:
                    most[at] = self.units[at]
            for at, off in zip(offer.places, offer.offs, strict=False):
                most[at] = max(most[at], off)
        return [float(shelf - off * count) for shelf, off, count in zip(self.shelf, most, self.counts, strict=True)]

    def _backward(self, basket: Sequence[_Row]) -> None:
        everywhere = frozenset[int]().union(*(places for row in basket for places in row))
        keeps, slack, even = [1.0] * len(self.shelf), 1.0, 1.0
        for row in reversed(basket):
            slack += 1 + (1 - even) * max(map(len, row))
            later = Later(keeps, slack)
            keeps = keeps[:]
            for places, offers in row.items():
                self._enter_kept(places, offers, later.keeps, keeps)
                for offer in offers:
                    self.later[id(offer)] = later
                    slack += self._leap(offer)
            even *= min(self._evenly(offer, everywhere) for offers in row.values() for offer in offers)
        of_items = Later(keeps, slack + 1)
        for offer in self.offers:
            if offer.of_items:
                self.later[id(offer)] = of_items

    def _enter_kept(self, places: Places, offers: Sequence[Offer], after: Sequence[float], keeps: list[float]) -> None:
        """Enter what is kept through one of these offers, where that is less than through the others of their run."""
        there = [after[at] for at in places]
        lowest = min(there)
        alike = lowest == max(there)
        # What stays of it here, where an offer loses the rest, and where it takes that elsewhere instead.
        lost, moved = 1.0, 1.0
        for offer in offers:
            self.keeps[id(offer)] = lowest
            if offer.bp:
                lost = min(lost, 1 - offer.bp / 10_000)
            elif self._tight(offer):
                lost = 0.0
            elif not alike:
                moved = min(moved, 1 - _share(offer, self.least[id(offer)]))
        if lost == moved == 1.0:
            return
        elsewhere = lowest * (1 - moved)
        for at, kept in zip(places, there, strict=True):
            keeps[at] = min(keeps[at], kept * lost, kept * moved + elsewhere)

    def _tight(self, offer: Offer) -> bool:
        """Whether money off may find less than it could give: what is saved before it is lost to it."""
        return self.least[id(offer)] < min(offer.amount, offer.cap)

    def _leap(self, offer: Offer) -> float:
        if offer.pinned:
            return 0.0 if of_basket(offer, self.least[id(offer)]) else float("inf")
        withdrawn = bool(offer.coupon) and offer.amount > 0
        most = min(offer.amount, offer.cap)
        return float(most) if withdrawn and self.least[id(offer)] * 2 < most else 0.0

    def _evenly(self, offer: Offer, everywhere: frozenset[int]) -> float:
        """How much less of a saving at one position lasts through it than of one at another."""
        if offer.bp:
            return 1.0 if len(offer.touched) == len(everywhere) else 1 - offer.bp / 10_000
        return 0.0 if self._tight(offer) else 1.0


def runs(offers: Sequence[Offer]) -> list[Run]:
    """Offers in their order, those together of which at most one takes part."""
    found: list[Run] = []
    for _, members in groupby(offers, key=_beside):
        row = tuple(members)
        campaigns = {offer.campaign.id for offer in row}
        found += [row] if len(campaigns) == len(row) else [(offer,) for offer in row]
    return found


def item_runs(rows: Sequence[Run], size: int) -> list[int]:
    """How many runs of item offers look at each of so many positions."""
    found = [0] * size
    for run in rows:
        if run[0].of_items:
            for at in frozenset[int]().union(*[offer.touched for offer in run]):
                found[at] += 1
    return found


def _by_places(run: Run) -> _Row:
    found: _Row = {}
    for offer in run:
        found.setdefault(offer.places, []).append(offer)
    return found


def _beside(offer: Offer) -> tuple[bool, int, str]:
    return (offer.of_items, offer.campaign.priority, offer.campaign.group or offer.name)


def _share(offer: Offer, there: float) -> float:
    """The share of its goods that a basket offer takes at most where so much is there."""
    if offer.bp:
        return offer.bp / 10_000
    most = min(offer.amount, offer.cap)
    return 1.0 if most >= there else most / there
