"""Offers that another one of their group makes idle, and those that no best set leaves out: told without a search."""

from __future__ import annotations

from collections.abc import Sequence

from pricing.campaigns import Nth, Off, Percent
from pricing.ground import Ground, Run, item_runs
from pricing.offers import NO_BOUND, Offer, of_basket


def survivors(offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int]) -> list[Offer]:
    """Those of offers in their order, with their conflicts, that no neighbour of the same group makes idle.

    The last of a group of which one surely takes part is marked so: it is taken wherever none of the others is.
    """
    judge = _Judge(offers, units, counts)
    found: list[Offer] = []
    for run in judge.ground.runs:
        left = judge.left(run)
        surely = judge.surely(run, left)
        for offer in left:
            offer.sure = surely and offer is left[-1]
        found += left
    return found


def most_valuable(offers: Sequence[Offer], most: int, coupons: int) -> tuple[list[Offer], list[Offer]]:
    """So many of the offers at most, and so many coupons among them, those that give most by themselves; and those that
    are left out.
    """
    if len(offers) <= most and sum(1 for offer in offers if offer.coupon) <= coupons:
        return list(offers), []
    kept: set[int] = set()
    dropped = []
    for offer in sorted(offers, key=lambda offer: (not offer.pinned, -offer.alone, offer.ends, offer.name)):
        if len(kept) >= most or (offer.coupon and coupons <= 0):
            dropped.append(offer)
            continue
        kept.add(id(offer))
        coupons -= bool(offer.coupon)
    for offer in offers:
        offer.sure = False
    return [offer for offer in offers if id(offer) in kept], dropped


class _Judge:
    def __init__(self, offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int]) -> None:
        self.ground = Ground(offers, units, counts)
        self.place = {id(offer): at for at, offer in enumerate(offers)}
        self.all = (1 << len(offers)) - 1
        self.disturbed = item_runs(self.ground.runs, len(units))
        self.taken: dict[int, dict[int, int]] = {}

    def left(self, run: Run) -> list[Offer]:
        if len(run) == 1:
            return list(run)
        left: list[Offer] = []
        # One that gives less at least, or as much and loses the tie, makes none idle.
        for offer in sorted(run, key=lambda offer: (-self._least(offer), offer.tie)):
            if not any(self._idle(offer, rival) for rival in left):
                left.append(offer)
        return sorted(left, key=lambda offer: self.place[id(offer)])

    def _least(self, offer: Offer) -> int:
        """What it gives at least, of items alone."""
        if offer.of_items:
            return sum([money for _, _, money in offer.whole])
        return of_basket(offer, self.ground.least[id(offer)])

    def surely(self, run: Run, left: Sequence[Offer]) -> bool:
        """Whether a set without any of the run would be better with one of those that are left."""
        own = sum(1 << self.place[id(offer)] for offer in run)
        return any(not offer.conflicts & self.all & ~own and self._lasts(offer) for offer in left)

    def _lasts(self, offer: Offer) -> bool:
        """Whether what it gives at least, in any set, is more than it takes from others."""
        later = self.ground.later[id(offer)]
        if offer.of_items:
            return self._by_itself(offer) and later.lasts(self._money_off(offer))
        return self._lasting_part(offer, of_basket(offer, self.ground.least[id(offer)])) > later.slack

    def _lasting_part(self, offer: Offer, money: int) -> float:
        """Of what a basket offer gives, how much lasts however it is shared out."""
        return money * self.ground.keeps[id(offer)]

    def _by_itself(self, offer: Offer) -> bool:
        return all(self.disturbed[at] == 1 for at in offer.touched)

    def _money_off(self, offer: Offer) -> dict[int, int]:
        """What an item offer takes off each position where nobody else takes part."""
        found = self.taken.get(id(offer))
        if found is None:
            found = self.taken[id(offer)] = {at: money for at, _, money in offer.whole}
        return found

    def _idle(self, offer: Offer, rival: Offer) -> bool:
        """Whether the rival always gives the same and wins the tie, or gives clearly more."""
        if not (_comparable(offer) and _comparable(rival)) or not self._replaces(rival, offer):
            return False
        if _same(rival, offer):
            return rival.tie < offer.tie
        later = self.ground.later[id(offer)]
        if offer.of_items:
            return later.lasts(self._more_of_items(rival, offer))
        return self._more_of_basket(rival, offer) > later.slack

    def _replaces(self, rival: Offer, offer: Offer) -> bool:
        """Whether the rival goes with everything that the offer goes with."""
        at = self.place
        return not rival.conflicts & self.all & ~(offer.conflicts | 1 << at[id(offer)])

    def _more_of_items(self, rival: Offer, offer: Offer) -> dict[int, int]:
        if self._by_itself(rival) and self._by_itself(offer):
            more, less = self._money_off(rival), self._money_off(offer)
            return {at: more.get(at, 0) - less.get(at, 0) for at in {*more, *less}}
        if not _same_units(rival, offer):
            return {}
        keeps = self.ground.later[id(offer)].keeps
        rows = zip(rival.places, rival.offs, offer.offs, strict=True)
        at, least = min(((at, one - other) for at, one, other in rows), key=lambda row: row[1] * keeps[row[0]])
        return {at: least}

    def _more_of_basket(self, rival: Offer, offer: Offer) -> float:
        least, whole = self.ground.least[id(rival)], self.ground.whole[id(rival)]
        if rival.places is offer.places:
            bends = [each for each in (*_bends(rival), *_bends(offer)) if least < each < whole]
            more = min([of_basket(rival, base) - of_basket(offer, base) for base in (least, whole, *bends)])
            return self._lasting_part(rival, more - 1)
        return self._lasting_part(rival, of_basket(rival, least)) - of_basket(offer, self.ground.whole[id(offer)])


def _comparable(offer: Offer) -> bool:
    if offer.pinned or offer.campaign.limits.per_order not in (None, 1):
        return False
    return not offer.of_items or (offer.cap == NO_BOUND and offer.times == NO_BOUND)


def _bends(offer: Offer) -> tuple[int, ...]:
    """The base from which on it gives no more."""
    if offer.bp:
        base = offer.cap * 10_000 // offer.bp
        return () if offer.cap == NO_BOUND else (base, base + 1)
    most = min(offer.amount, offer.cap)
    return (most, most // 2, most // 2 + 1)


def _same(rival: Offer, offer: Offer) -> bool:
    """Whether both give the same, whatever is left."""
    first, second = rival.campaign.benefit, offer.campaign.benefit
    if type(first) is not type(second) or rival.places != offer.places or rival.offs != offer.offs:
        return False
    if isinstance(first, Nth) and isinstance(second, Nth):
        return (first.n, first.count, first.pairing) == (second.n, second.count, second.pairing)
    if isinstance(first, Percent) and isinstance(second, Percent):
        return offer.of_items or (first.bp, rival.cap) == (second.bp, offer.cap)
    if isinstance(first, Off):
        return offer.of_items or (
            (rival.amount, rival.cap, bool(rival.coupon)) == (offer.amount, offer.cap, bool(offer.coupon))
        )
    return False


def _same_units(first: Offer, second: Offer) -> bool:
    """Whether both take the same units, whatever is free."""
    one, other = first.campaign.benefit, second.campaign.benefit
    if first.places != second.places:
        return False
    if isinstance(one, Nth) and isinstance(other, Nth):
        return (one.n, one.count, one.pairing) == (other.n, other.count, other.pairing) and one.pairing == "dear"
    return _each(one) and _each(other) and _reducing(first) == _reducing(second)


def _each(benefit: object) -> bool:
    return isinstance(benefit, Off | Percent)


def _reducing(offer: Offer) -> tuple[bool, ...]:
    """Which positions it takes units of."""
    return tuple(off > 0 for off in offer.offs)
