"""The most that a set of offers may still save from some place in the order on: what lets the search turn back.

It looks from the end to the beginning: of each bit of money left at a position, `lasting` says how much is still to be
paid after those offers that every set takes, and `worth` adds up what those take at most that are money off. What
others may give is asked on what is left now. Item offers that look at the same units are bounded by the dearest
reduction of each unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from typing import Final

import msgspec

from pricing.campaigns import Bundle, Nth
from pricing.ground import Run, item_runs
from pricing.offers import NO_BOUND, Offer, of_basket
from pricing.positions import Places

_EXACT: Final = 1e-6
"""What fractions may be off."""


class _Open(msgspec.Struct, frozen=True):
    """Offers of which one may take part or none."""

    last: int
    places: tuple[int, ...]
    """Of the offers, in their order."""
    weights: tuple[float, ...]
    """How much of a saving by each may last."""
    fixed: tuple[float, ...] = ()
    """What each gives, where that does not depend on what else is taken."""


class Ahead:
    """Made once for a list of offers, asked at each step of the search."""

    def __init__(
        self, offers: Sequence[Offer], runs: Sequence[Run], units: Sequence[int], counts: Sequence[int]
    ) -> None:
        self._offers, self._units, self._counts = offers, units, counts
        size = len(offers)
        self._lasting: list[list[float]] = [[]] * (size + 1)
        self._worth = [0.0] * (size + 1)
        self._rates: list[list[float] | None] = [None] * (size + 1)
        self._open: list[_Open] = []
        self._lasting[size] = [1.0] * len(units)
        at = size
        disturbed = [count > 1 for count in item_runs(runs, len(units))]
        for run in reversed(runs):
            at -= len(run)
            if run[0].of_items:
                self._items(at, run, disturbed)
            else:
                self._basket(at, run)

    def most(self, at: int, free: Sequence[int], left: Sequence[int], blocked: int) -> int:
        """What may still be saved by offers from one place on."""
        found = sum(left) - sum(map(mul, self._lasting[at], left)) + self._worth[at]
        if (rates := self._rates[at]) is not None:
            found += sum(map(mul, rates, free))
        for row in self._open:
            if row.last >= at:
                found += self._best(row, at, left, blocked)
        return min(int(found + _EXACT), sum(left))

    def _best(self, row: _Open, at: int, left: Sequence[int], blocked: int) -> float:
        best = 0.0
        for number, place in enumerate(row.places):
            if place < at or blocked >> place & 1:
                continue
            offer = self._offers[place]
            gives = row.fixed[number] if row.fixed else of_basket(offer, sum([left[at] for at in offer.places]))
            best = max(best, gives * row.weights[number])
        return best

    def _basket(self, at: int, run: Sequence[Offer]) -> None:
        after, end = self._lasting[at + len(run)], at + len(run)
        lasting, worth = after, self._worth[end]
        most: dict[Places, float] = {}
        uneven = 0.0
        for offer in run:
            if offer.places not in most:
                there = [after[place] for place in offer.places]
                most[offer.places] = max(there)
                uneven = max(uneven, (max(there) - min(there)) * len(there))
        weights = [most[offer.places] for offer in run]
        # Rounding: of a percentage half a unit, and of sharing out what may fall to where more of it lasts.
        worth += 0.5 + uneven / 2
        if len(run) == 1 and run[0].sure:
            offer = run[0]
            if offer.bp and offer.cap == NO_BOUND:
                lasting = after[:]
                for place in offer.places:
                    lasting[place] *= 1 - offer.bp / 10_000
            else:
                whole = sum(self._units[place] * self._counts[place] for place in offer.places)
                worth += of_basket(offer, whole) * weights[0]
        else:
            self._open.append(_Open(end - 1, tuple(range(at, end)), tuple(weights)))
        for place in range(at, end):
            self._lasting[place], self._worth[place] = lasting, worth

    def _items(self, at: int, run: Sequence[Offer], disturbed: Sequence[bool]) -> None:
        end = at + len(run)
        lasting, rates = self._lasting[end], self._rates[end]
        if any(disturbed[place] for offer in run for place in offer.touched):
            rates = rates[:] if rates is not None else [0.0] * len(self._units)
            for offer in run:
                self._rated(offer, lasting, rates)
        else:
            gives = [sum([money * lasting[place] for place, _, money in offer.whole]) for offer in run]
            self._open.append(_Open(end - 1, tuple(range(at, end)), (1.0,) * len(run), tuple(gives)))
        for place in range(at, end):
            self._lasting[place], self._worth[place], self._rates[place] = lasting, self._worth[end], rates

    def _rated(self, offer: Offer, lasting: Sequence[float], rates: list[float]) -> None:
        """Enter what it takes off each unit at most, on an average of those that take part."""
        benefit = offer.campaign.benefit
        if isinstance(benefit, Bundle):
            dearest = sum(count * max(self._units[at] for at in places) for places, count in offer.parts)
            share = 1 - benefit.price / dearest if dearest else 0.0
            for at in offer.touched:
                rates[at] = max(rates[at], self._units[at] * share * lasting[at])
            return
        if isinstance(benefit, Nth) and benefit.pairing == "dear":
            # It is the cheaper ones that are reduced; each group of them pays for the dearer ones as well.
            share = benefit.count / benefit.n * max((lasting[at] for at in offer.places), default=0.0)
            for at, off in zip(offer.places, offer.offs, strict=True):
                rates[at] = max(rates[at], off * share)
            return
        for at, off in zip(offer.places, offer.offs, strict=True):
            rates[at] = max(rates[at], off * lasting[at])
