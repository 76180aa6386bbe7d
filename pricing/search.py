"""The best set of offers: branch and bound over the order in which they are reckoned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from pricing.ahead import Ahead
from pricing.allocation import allocate
from pricing.offers import Offer, Take, of_basket, takes, worth

_NEVER: Final = -1

Tie = tuple[int, tuple[int, ...], tuple[str, ...]]

Stop = Callable[[], bool]
"""Says that there is no more time to look for something better."""


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
    money: int = 0


class Best(msgspec.Struct):
    """The best set found, in the order of reckoning."""

    applied: tuple[Applied, ...] = ()
    goal: int = 0
    """What it saves, and a weight for each choice of the shopper that is followed."""
    exact: bool = True
    bound: int = 0
    """No set saves more than this beyond it."""
    nodes: int = 0
    """How many partial sets were looked at."""

    @property
    def saved(self) -> int:
        return sum(each.money for each in self.applied)

    @property
    def tie(self) -> Tie:
        return tie(self.applied)


def apply(offer: Offer, units: Sequence[int], tally: Tally) -> Applied:
    """Returns what it takes off each position, and enters it into the tally."""
    left = tally.left
    if offer.of_items:
        found, total = takes(offer, units, tally.free), 0
        for at, count, money in found:
            tally.free[at] -= count
            left[at] -= money
            total += money
    else:
        weights = [left[at] for at in offer.places]
        total = of_basket(offer, sum(weights))
        found = []
        if total:
            for at, money in zip(offer.places, allocate(total, weights), strict=True):
                if money:
                    left[at] -= money
                    found.append((at, 0, money))
    tally.saved += total
    return Applied(offer, found, total)


def replay(offers: Iterable[Offer], units: Sequence[int], counts: Sequence[int]) -> tuple[Tally, list[Applied]]:
    """A set of offers, in their order, on a whole basket: those that give something."""
    tally = Tally(list(counts), [unit * count for unit, count in zip(units, counts, strict=True)])
    found = [apply(offer, units, tally) for offer in offers]
    return tally, [each for each in found if each.money]


def after(applied: Applied, before: Tally) -> Tally:
    """What is left after one offer of a set."""
    tally = Tally(before.free[:], before.left[:], before.saved + applied.money)
    for at, units, money in applied.takes:
        tally.free[at] -= units
        tally.left[at] -= money
    return tally


def tie(applied: Iterable[Applied]) -> Tie:
    """Of sets that save the same, the one with the smallest is best."""
    offers = [each.offer for each in applied]
    coupons = [offer for offer in offers if offer.coupon]
    ends = tuple(sorted(offer.ends for offer in coupons))
    return (len(coupons), ends, tuple(sorted(offer.name for offer in offers)))


class _Node(msgspec.Struct):
    """A partial set: what is left after it, and whom it excludes."""

    tally: Tally
    taken: list[Applied]
    blocked: int = 0
    pinned: int = 0

    def copy(self) -> _Node:
        tally = self.tally
        return _Node(Tally(tally.free[:], tally.left[:], tally.saved), self.taken[:], self.blocked, self.pinned)


class _Search:
    def __init__(
        self, offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int], nodes: int, stop: Stop
    ) -> None:
        self.offers, self.units, self.counts, self.limit, self.stop = offers, units, counts, nodes, stop
        self.whole = [unit * count for unit, count in zip(units, counts, strict=True)]
        self.pin = sum(self.whole) + 1
        """Worth of following the shopper's choice: more than any money."""
        self.pins = any(offer.pinned for offer in offers)
        self.ahead = Ahead(offers, units, counts)
        self.nodes = 0
        self.over = False
        self.found = Best(goal=_NEVER)
        self.tie: Tie | None = None
        """Of the best one, where it was asked for."""
        self.open = _NEVER
        """The highest bound of what was left unseen."""

    def run(self) -> Best:
        if not all(self.ahead.certain):
            self._begin()
        self._visit(0, _Node(Tally(list(self.counts), self.whole[:]), []))
        found, goal = self.found, self.found.goal
        return Best(found.applied, goal, exact=self.open <= goal, bound=max(0, self.open - goal), nodes=self.nodes)

    def _begin(self) -> None:
        """A set to beat: the most valuable offers first, as far as they go together."""
        values = [worth(offer, self.units, self.counts, self.whole) for offer in self.offers]
        by_value = sorted(range(len(self.offers)), key=lambda at: -self._goal(self.offers[at], values[at]))
        taken, blocked = [], 0
        for at in by_value:
            if not blocked >> at & 1:
                taken.append(at)
                blocked |= self.offers[at].conflicts
        _, applied = replay([self.offers[at] for at in sorted(taken)], self.units, self.counts)
        self._compare(sum(self._goal(each.offer, each.money) for each in applied), applied)

    def _goal(self, offer: Offer, value: int) -> int:
        return value + self.pin if value and offer.pinned else value

    def _compare(self, goal: int, applied: list[Applied]) -> None:
        if goal < self.found.goal:
            return
        if goal == self.found.goal:
            key = tie(applied)
            if key >= self._tie():
                return
            self.tie = key
        else:
            self.tie = None
        self.found = Best(tuple(applied), goal)

    def _tie(self) -> Tie:
        if self.tie is None:
            self.tie = self.found.tie
        return self.tie

    def _visit(self, at: int, node: _Node) -> None:
        """Every set that begins as the node does, from one place in the order on."""
        offers, end, certain = self.offers, len(self.offers), self.ahead.certain
        for place in range(at, end):
            if node.blocked >> place & 1:
                continue
            if certain[place]:
                self._take(place, node)
                continue
            if not worth(offers[place], self.units, node.tally.free, node.tally.left):
                continue
            if self._hopeless(place, node):
                return
            branch = node.copy()
            if self._take(place, branch):
                self._visit(place + 1, branch)
                if offers[place].sure:
                    return
        self._compare(node.tally.saved + node.pinned, node.taken)

    def _hopeless(self, at: int, node: _Node) -> bool:
        """Whether no set from here on is better than the best one, or there is no more time to look."""
        self.nodes += 1
        tally = node.tally
        bound = tally.saved + node.pinned + self.ahead.most(at, tally.free, tally.left, node.blocked)
        if self.pins:
            alive = enumerate(self.offers[at:], at)
            bound += self.pin * sum(offer.pinned and not node.blocked >> n & 1 for n, offer in alive)
        goal = self.found.goal
        if bound < goal or (bound == goal and self._more_coupons(node.taken)):
            return True
        self.over = self.over or self.nodes > self.limit or self.stop()
        if self.over:
            self.open = max(self.open, bound)
        return self.over

    def _more_coupons(self, taken: Sequence[Applied]) -> bool:
        return sum(1 for each in taken if each.offer.coupon) > self._tie()[0]

    def _take(self, at: int, node: _Node) -> bool:
        """Enter an offer into a partial set; returns whether it gives something."""
        offer = self.offers[at]
        applied = apply(offer, self.units, node.tally)
        if not applied.money:
            return False
        node.taken.append(applied)
        node.blocked |= offer.conflicts
        if offer.pinned:
            node.pinned += self.pin
        return True


def never() -> bool:
    """There is time enough."""
    return False


def best(offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int], nodes: int, stop: Stop = never) -> Best:
    """The set that saves most, of offers in their order whose conflicts are known.

    Looks at `nodes` partial sets at most, and not for longer than `stop` allows; then it returns the best one it saw,
    and how much better another could be.
    """
    return _Search(offers, units, counts, nodes, stop).run()
