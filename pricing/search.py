"""The best set of offers: branch and bound over the order in which they are reckoned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Final

import msgspec

from pricing.ahead import Ahead
from pricing.allocation import allocate
from pricing.conflicts import note_conflicts
from pricing.dominance import survivors
from pricing.ground import runs
from pricing.offers import Offer, Take, of_basket, takes, worth

_NEVER: Final = -1
_MANY: Final = 4
"""Offers of the basket that are not settled, from which on it pays to judge them anew after the items."""

Tie = tuple[int, tuple[int, ...], tuple[str, ...]]

Stop = Callable[[int], bool]
"""Says after so many partial sets that there is no more time to look for something better."""


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

    @property
    def saved(self) -> int:
        return sum(each.money for each in self.applied)

    @property
    def tie(self) -> Tie:
        return tie(self.applied)


def joined(parts: Sequence[Best]) -> Best:
    """The best set of offers in parts that have nothing to do with each other."""
    if len(parts) == 1:
        return parts[0]
    return Best(
        applied=tuple(sorted((each for part in parts for each in part.applied), key=lambda each: each.offer.order)),
        goal=sum(part.goal for part in parts),
        exact=all(part.exact for part in parts),
        bound=sum(part.bound for part in parts),
    )


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


class Effort:
    """How many partial sets are looked at: `limit`, or fewer where `stop` says so."""

    def __init__(self, limit: int, stop: Stop | None = None) -> None:
        self._limit, self._stop = limit, stop
        self._nodes = 0
        self._over = False

    def spent(self) -> bool:
        """Whether one more is too many; from then on every one is."""
        self._nodes += 1
        if not self._over:
            stopped = self._stop is not None and self._stop(self._nodes)
            self._over = stopped or self._nodes > self._limit
        return self._over


class _Record:
    """The best set so far, and what was left unseen for want of time."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort
        self._found = Best(goal=_NEVER)
        self._tie: Tie | None = None
        """Of the best one, where it was asked for."""
        self._open = _NEVER
        """The highest bound of what was left unseen."""

    def best(self) -> Best:
        goal = self._found.goal
        return msgspec.structs.replace(self._found, exact=self._open <= goal, bound=max(0, self._open - goal))

    def compare(self, goal: int, applied: list[Applied]) -> None:
        if goal < self._found.goal:
            return
        key = None
        if goal == self._found.goal:
            key = tie(applied)
            if key >= self._best_tie():
                return
        self._found, self._tie = Best(tuple(applied), goal), key

    def hopeless(self, bound: int, taken: Sequence[Applied]) -> bool:
        """Whether no set is better than the best one that begins with some and saves so much at most, or there is no
        more time to look.
        """
        goal = self._found.goal
        if bound < goal or (bound == goal and self._more_coupons(taken)):
            return True
        over = self._effort.spent()
        if over:
            self._open = max(self._open, bound)
        return over

    def _more_coupons(self, taken: Sequence[Applied]) -> bool:
        return sum(1 for each in taken if each.offer.coupon) > self._best_tie()[0]

    def _best_tie(self) -> Tie:
        if self._tie is None:
            self._tie = tie(self._found.applied)
        return self._tie


class _Search:
    def __init__(
        self, offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int], record: _Record, pin: int
    ) -> None:
        self.offers, self.units, self.counts, self.record, self.pin = offers, units, counts, record, pin
        self.pins = any(offer.pinned for offer in offers)
        self.runs = runs(offers)
        self.certain = [len(run) == 1 and run[0].sure for run in self.runs for _ in run]
        """Those that every set takes."""
        self.turn = self._turn()
        """From which place on it pays to judge anew what is left, once the items are settled."""

    def _turn(self) -> int:
        items = sum(offer.of_items for offer in self.offers)
        unsettled = len(self.offers) - items - sum(self.certain[items:])
        return items if items and unsettled >= _MANY else len(self.offers)

    @cached_property
    def ahead(self) -> Ahead:
        """Asked for before the first choice: where every set takes all of them there is none."""
        return Ahead(self.offers, self.runs, self.units, self.counts)

    def begin(self) -> None:
        """A set to beat: the most valuable offers first, as far as they go together."""
        if all(self.certain):
            return
        by_value = sorted(range(len(self.offers)), key=lambda at: -self._goal(self.offers[at], self.offers[at].alone))
        taken, blocked = [], 0
        for at in by_value:
            if not blocked >> at & 1:
                taken.append(at)
                blocked |= self.offers[at].conflicts
        _, applied = replay([self.offers[at] for at in sorted(taken)], self.units, self.counts)
        self.record.compare(sum(self._goal(each.offer, each.money) for each in applied), applied)

    def _goal(self, offer: Offer, value: int) -> int:
        return value + self.pin if value and offer.pinned else value

    def visit(self, at: int, node: _Node) -> None:
        """Every set that begins as the node does, from one place in the order on."""
        offers, certain, turn = self.offers, self.certain, self.turn
        for place in range(at, len(offers)):
            if node.blocked >> place & 1:
                continue
            if place >= turn:
                self._settle(place, node)
                return
            if certain[place]:
                self._take(place, node)
                continue
            if worth(offers[place], self.units, node.tally.free, node.tally.left) and self._branch(place, node):
                return
        self.record.compare(node.tally.saved + node.pinned, node.taken)

    def _branch(self, at: int, node: _Node) -> bool:
        """The sets with an offer; returns whether none without it need be looked at."""
        if self.record.hopeless(self._bound(at, node), node.taken):
            return True
        branch = node.copy()
        if not self._take(at, branch):
            return False
        self.visit(at + 1, branch)
        return self.offers[at].sure

    def _settle(self, at: int, node: _Node) -> None:
        """The offers of the basket, on what the items have left of it: bounds are tighter there."""
        if self.record.hopeless(self._bound(at, node), node.taken):
            return
        open_ = [offer for place, offer in enumerate(self.offers[at:], at) if not node.blocked >> place & 1]
        left, one = node.tally.left, [1] * len(self.units)
        note_conflicts(open_)
        alive = survivors(open_, left, one)
        note_conflicts(alive)
        rest = _Search(alive, left, one, self.record, self.pin)
        rest.visit(0, _Node(Tally(one, left[:], node.tally.saved), node.taken, 0, node.pinned))

    def _bound(self, at: int, node: _Node) -> int:
        tally = node.tally
        bound = tally.saved + node.pinned + self.ahead.most(at, tally.free, tally.left, node.blocked)
        if self.pins:
            alive = enumerate(self.offers[at:], at)
            bound += self.pin * sum(offer.pinned and not node.blocked >> place & 1 for place, offer in alive)
        return bound

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


def best(offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int], effort: Effort) -> Best:
    """The set that saves most, of offers in their order whose conflicts are known.

    Where the effort is spent, it is the best one that was seen, and how much better another could be.
    """
    record = _Record(effort)
    whole = [unit * count for unit, count in zip(units, counts, strict=True)]
    search = _Search(offers, units, counts, record, sum(whole) + 1)
    search.begin()
    search.visit(0, _Node(Tally(list(counts), whole), []))
    return record.best()
