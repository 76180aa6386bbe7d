"""The best set of offers: branch and bound over the order in which they are reckoned.

A node's bound adds up what each offer that is still possible would give on what is left now, the best one of each group
only, and never more than what is left to pay. It holds because no benefit gives more where less is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from pricing.allocation import allocate
from pricing.campaigns import Percent
from pricing.offers import NO_BOUND, Offer, Take, of_basket, takes, worth

_NEVER: Final = -1

Tie = tuple[int, tuple[int, ...], tuple[str, ...]]


class Tally(msgspec.Struct):
    """What is left of the basket after some offers."""

    free: list[int]
    """Units of each position that no item offer has."""
    left: list[int]
    """What is to be paid of it."""
    saved: int = 0


class Applied(msgspec.Struct):
    """What one offer of a set gives."""

    offer: Offer
    takes: list[Take]

    @property
    def money(self) -> int:
        return sum(money for _, _, money in self.takes)


class Best(msgspec.Struct):
    """The best set found: places in the list of offers."""

    taken: tuple[int, ...]
    saved: int
    exact: bool = True
    bound: int = 0
    """No set saves more than this beyond `saved`."""
    nodes: int = 0


def apply(offer: Offer, units: Sequence[int], tally: Tally) -> list[Take]:
    """Returns what it takes off each position, and enters it into the tally."""
    if offer.of_items:
        found = takes(offer, units, tally.free)
        for at, count, money in found:
            tally.free[at] -= count
            tally.left[at] -= money
            tally.saved += money
        return found
    weights = [tally.left[at] for at in offer.places]
    total = of_basket(offer, sum(weights))
    shares = allocate(total, weights)
    for at, money in zip(offer.places, shares, strict=True):
        tally.left[at] -= money
    tally.saved += total
    return [(at, 0, money) for at, money in zip(offer.places, shares, strict=True) if money]


def replay(offers: Iterable[Offer], units: Sequence[int], counts: Sequence[int]) -> tuple[Tally, list[Applied]]:
    """A set of offers, in their order, on a whole basket."""
    tally = Tally(list(counts), [unit * count for unit, count in zip(units, counts, strict=True)])
    return tally, [Applied(offer, apply(offer, units, tally)) for offer in offers]


def after(applied: Applied, before: Tally) -> Tally:
    """What is left after one offer of a set."""
    tally = Tally(before.free[:], before.left[:], before.saved + applied.money)
    for at, units, money in applied.takes:
        tally.free[at] -= units
        tally.left[at] -= money
    return tally


def tie(offers: Iterable[Offer]) -> Tie:
    """Of sets that save the same, the one with the smallest is best."""
    each = list(offers)
    coupons = [offer for offer in each if offer.coupon]
    ends = tuple(sorted(offer.ends for offer in coupons))
    return (len(coupons), ends, tuple(sorted(offer.name for offer in each)))


class _Bases:
    """What is left of each set of positions that basket offers look at."""

    def __init__(self, offers: Sequence[Offer], left: Sequence[int]) -> None:
        distinct = dict.fromkeys(offer.places for offer in offers if not offer.of_items)
        self.sets = [frozenset(places) for places in distinct]
        number = {places: at for at, places in enumerate(distinct)}
        self.of = [_NEVER if offer.of_items else number[offer.places] for offer in offers]
        self.start = [sum(left[at] for at in places) for places in distinct]
        self.containing = [[at for at, places in enumerate(self.sets) if where in places] for where in range(len(left))]
        self.whole = [
            [at for at, places in enumerate(self.sets) if offer.touched <= places] if not offer.of_items else []
            for offer in offers
        ]

    def after(self, at: int, found: Sequence[Take], bases: list[int]) -> list[int]:
        """What is left of each after one offer."""
        left, whole = bases[:], self.whole[at]
        for where, _, money in found:
            for number in self.containing[where]:
                if number not in whole:
                    left[number] -= money
        if whole:
            total = sum(money for _, _, money in found)
            for number in whole:
                left[number] -= total
        return left


class _Slope(msgspec.Struct):
    """A percentage of the basket: what others give of its goods before is missing there."""

    share: float
    before: list[int]
    """Offers that are reckoned before it, and look at goods of it alone."""


class _Search:
    def __init__(self, offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int], nodes: int) -> None:
        self.offers, self.units, self.limit = offers, units, nodes
        self.start = Tally(list(counts), [unit * count for unit, count in zip(units, counts, strict=True)])
        self.pin = sum(self.start.left) + 1
        """Worth of following the shopper's choice: more than any money."""
        self.bases = _Bases(offers, self.start.left)
        self.later = [
            [n for n in range(at + 1, len(offers)) if not offer.touched.isdisjoint(offers[n].touched)]
            for at, offer in enumerate(offers)
        ]
        self.slopes = _slopes(offers)
        self.nodes = 0
        self.best: tuple[int, Tie] = (_NEVER, tie(()))
        self.taken: tuple[int, ...] = ()
        self.open = _NEVER
        """The highest bound of what was left unseen."""

    def run(self) -> Best:
        start = self.start
        values = [worth(offer, self.units, start.free, start.left) for offer in self.offers]
        self._begin(values)
        self._visit(0, _Node(start, self.bases.start, values, (), 0, 0))
        goal = self.best[0]
        return Best(
            self.taken, goal % self.pin, exact=self.open <= goal, bound=max(0, self.open - goal), nodes=self.nodes
        )

    def _begin(self, values: Sequence[int]) -> None:
        """A set to beat: the most valuable offers first, as far as they go together."""
        by_value = sorted(range(len(self.offers)), key=lambda at: -self._goal(at, values[at]))
        taken, blocked = [], 0
        for at in by_value:
            if not blocked >> at & 1:
                taken.append(at)
                blocked |= self.offers[at].conflicts
        self._note(tuple(sorted(taken)))

    def _goal(self, at: int, value: int) -> int:
        return value + self.pin if value and self.offers[at].pinned else value

    def _note(self, taken: tuple[int, ...]) -> None:
        """A set, replayed: offers of it that give nothing are not of it."""
        _, applied = replay([self.offers[at] for at in taken], self.units, self.start.free)
        money = [each.money for each in applied]
        real = tuple(at for at, each in zip(taken, money, strict=True) if each)
        self._compare(sum(self._goal(at, each) for at, each in zip(taken, money, strict=True)), real)

    def _compare(self, goal: int, taken: tuple[int, ...]) -> None:
        if goal < self.best[0]:
            return
        key = tie(self.offers[at] for at in taken)
        if goal > self.best[0] or key < self.best[1]:
            self.best, self.taken = (goal, key), taken

    def _visit(self, at: int, node: _Node) -> None:
        """Every set that begins as the node does, from one place in the order on."""
        goal, end = node.tally.saved + node.pinned, len(self.offers)
        while True:
            while at < end and (node.blocked >> at & 1 or not node.values[at]):
                at += 1
            if at == end:
                self._compare(goal, node.taken)
                return
            self.nodes += 1
            bound = goal + self._ahead(at, node)
            if bound < self.best[0] or (bound == self.best[0] and self._more_coupons(node.taken)):
                return
            if self.nodes > self.limit:
                self.open = max(self.open, bound)
                return
            self._take(at, node)
            if self.offers[at].sure:
                return
            at += 1

    def _more_coupons(self, taken: tuple[int, ...]) -> bool:
        return sum(1 for at in taken if self.offers[at].coupon) > self.best[1][0]

    def _ahead(self, at: int, node: _Node) -> int:
        """The most that may still come.

        What is taken off before a percentage lessens it: so each offer counts less by the percentages that follow on
        its goods. From the last to the first, `weights` holds how much of each counts.
        """
        values, blocked, offers = node.values, node.blocked, self.offers
        alive = [n for n in range(at, len(values)) if values[n] and not blocked >> n & 1]
        weights = [1.0] * len(values)
        groups: dict[str, float] = {}
        money, single, pins = 0.0, 0, 0
        for n in reversed(alive):
            campaign = offers[n].campaign
            if offers[n].pinned:
                pins += self.pin
            if campaign.alone:
                single = max(single, values[n])
                continue
            weight = weights[n]
            more = values[n] * weight
            if campaign.group:
                before = groups.get(campaign.group, 0.0)
                groups[campaign.group] = max(before, more)
                more = max(0.0, more - before)
            money += more
            slope = self.slopes.get(n)
            if slope is not None:
                less = weight * slope.share
                money += 0.5
                for earlier in slope.before:
                    weights[earlier] = max(0.0, weights[earlier] - less)
        return min(max(int(money + 0.01), single), sum(node.tally.left)) + pins

    def _take(self, at: int, node: _Node) -> None:
        offer, tally = self.offers[at], node.tally
        after = Tally(tally.free[:], tally.left[:], tally.saved)
        found = apply(offer, self.units, after)
        if after.saved == tally.saved:
            return
        blocked = node.blocked | offer.conflicts
        bases = self.bases.after(at, found, node.bases)
        values = node.values[:]
        for n in self.later[at]:
            if values[n] and not blocked >> n & 1:
                values[n] = self._worth(n, after, bases)
        pinned = node.pinned + (self.pin if offer.pinned else 0)
        self._visit(at + 1, _Node(after, bases, values, (*node.taken, at), blocked, pinned))

    def _worth(self, at: int, tally: Tally, bases: Sequence[int]) -> int:
        number = self.bases.of[at]
        if number != _NEVER:
            return of_basket(self.offers[at], bases[number])
        return worth(self.offers[at], self.units, tally.free, tally.left)


class _Node(msgspec.Struct):
    """A partial set: what is left after it, and what each offer could give then."""

    tally: Tally
    bases: list[int]
    values: list[int]
    taken: tuple[int, ...]
    blocked: int
    pinned: int


def _slopes(offers: Sequence[Offer]) -> dict[int, _Slope]:
    """The percentages without a cap whose group, if they have one, is they alone."""
    groups: dict[str, int] = {}
    for offer in offers:
        groups[offer.campaign.group] = groups.get(offer.campaign.group, 0) + 1
    found = {}
    for at, offer in enumerate(offers):
        each = offer.campaign
        if not isinstance(each.benefit, Percent) or offer.of_items or offer.cap != NO_BOUND or each.alone:
            continue
        if not each.group or groups[each.group] == 1:
            before = [n for n in range(at) if offers[n].touched <= offer.touched]
            found[at] = _Slope(each.benefit.bp / 10_000, before)
    return found


def best(offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int], nodes: int) -> Best:
    """The set that saves most, of offers in their order whose conflicts are known.

    Looks at `nodes` partial sets at most; then it returns the best one it saw, and how much better another could be.
    """
    return _Search(offers, units, counts, nodes).run()
