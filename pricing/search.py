"""The best set of offers: branch and bound over the order in which they are reckoned.

A node's bound adds up what each offer that is still possible would give on what is left now, the best one of each group
only, and never more than what is left to pay. It holds because no benefit gives more where less is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from pricing.allocation import allocate
from pricing.offers import Offer, Take, of_basket, takes, worth

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


def tie(offers: Iterable[Offer]) -> Tie:
    """Of sets that save the same, the one with the smallest is best."""
    each = list(offers)
    coupons = [offer for offer in each if offer.coupon]
    ends = tuple(sorted(offer.ends for offer in coupons))
    return (len(coupons), ends, tuple(sorted(offer.name for offer in each)))


class _Search:
    def __init__(self, offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int], nodes: int) -> None:
        self.offers, self.units, self.limit = offers, units, nodes
        self.start = Tally(list(counts), [unit * count for unit, count in zip(units, counts, strict=True)])
        self.pin = sum(self.start.left) + 1
        """Worth of following the shopper's choice: more than any money."""
        self.groups = [offer.campaign.group or "" for offer in offers]
        self.alone = [offer.campaign.alone for offer in offers]
        self.later = [
            [n for n in range(at + 1, len(offers)) if offer.touched & offers[n].touched]
            for at, offer in enumerate(offers)
        ]
        self.nodes = 0
        self.best: tuple[int, Tie] = (_NEVER, tie(()))
        self.taken: tuple[int, ...] = ()
        self.open = _NEVER
        """The highest bound of what was left unseen."""

    def run(self) -> Best:
        self._begin()
        values = [worth(offer, self.units, self.start.free, self.start.left) for offer in self.offers]
        self._visit(0, self.start, values, (), 0, 0)
        goal = self.best[0]
        saved = goal % self.pin
        return Best(
            self.taken, saved, exact=self.open <= goal, bound=max(0, self.open - goal), nodes=self.nodes
        )  # fmt: skip

    def _begin(self) -> None:
        """A set to beat: the most valuable offers first, as far as they go together."""
        start = self.start
        by_value = sorted(
            range(len(self.offers)),
            key=lambda at: -self._goal(at, worth(self.offers[at], self.units, start.free, start.left)),
        )
        taken, blocked = [], 0
        for at in by_value:
            if not blocked >> at & 1:
                taken.append(at)
                blocked |= self.offers[at].conflicts
        self._note(tuple(sorted(taken)))
        self._note(())

    def _goal(self, at: int, value: int) -> int:
        return value + self.pin if value and self.offers[at].pinned else value

    def _note(self, taken: tuple[int, ...]) -> None:
        """A set, replayed: offers of it that give nothing are not of it."""
        chosen = [self.offers[at] for at in taken]
        _, applied = replay(chosen, self.units, self.start.free)
        real = tuple(at for at, each in zip(taken, applied, strict=True) if each.money)
        goal = sum(self._goal(at, each.money) for at, each in zip(taken, applied, strict=True))
        self._compare(goal, real)

    def _compare(self, goal: int, taken: tuple[int, ...]) -> None:
        if goal < self.best[0]:
            return
        key = tie(self.offers[at] for at in taken)
        if goal > self.best[0] or key < self.best[1]:
            self.best, self.taken = (goal, key), taken

    def _visit(
        self, at: int, tally: Tally, values: list[int], taken: tuple[int, ...], blocked: int, pinned: int
    ) -> None:
        """Every set that begins with these, from one place in the order on."""
        goal = tally.saved + pinned
        while True:
            while at < len(self.offers) and (blocked >> at & 1 or not values[at]):
                at += 1
            if at == len(self.offers):
                self._compare(goal, taken)
                return
            self.nodes += 1
            bound = goal + self._ahead(at, tally, values, blocked)
            if bound < self.best[0] or (bound == self.best[0] and self._more_coupons(taken)):
                return
            if self.nodes > self.limit:
                self.open = max(self.open, bound)
                return
            self._take(at, tally, values, taken, blocked, pinned)
            at += 1

    def _more_coupons(self, taken: tuple[int, ...]) -> bool:
        return sum(1 for at in taken if self.offers[at].coupon) > self.best[1][0]

    def _ahead(self, at: int, tally: Tally, values: list[int], blocked: int) -> int:
        """The most that may still come."""
        money, pins, single = 0, 0, 0
        groups: dict[str, int] = {}
        for n in range(at, len(values)):
            value = values[n]
            if not value or blocked >> n & 1:
                continue
            if self.offers[n].pinned:
                pins += self.pin
            group = self.groups[n]
            if self.alone[n]:
                single = max(single, value)
            elif not group:
                money += value
            elif value > groups.get(group, 0):
                money += value - groups.get(group, 0)
                groups[group] = value
        return min(max(money, single), sum(tally.left)) + pins

    def _take(
        self, at: int, tally: Tally, values: list[int], taken: tuple[int, ...], blocked: int, pinned: int
    ) -> None:
        offer = self.offers[at]
        after = Tally(tally.free[:], tally.left[:], tally.saved)
        apply(offer, self.units, after)
        if after.saved == tally.saved:
            return
        blocked |= offer.conflicts
        ahead = values[:]
        for n in self.later[at]:
            if values[n] and not blocked >> n & 1:
                ahead[n] = worth(self.offers[n], self.units, after.free, after.left)
        self._visit(at + 1, after, ahead, (*taken, at), blocked, pinned + (self.pin if offer.pinned else 0))


def best(offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int], nodes: int) -> Best:
    """The set that saves most, of offers in their order whose conflicts are known.

    Looks at `nodes` partial sets at most; then it returns the best one it saw, and how much better another could be.
    """
    return _Search(offers, units, counts, nodes).run()
