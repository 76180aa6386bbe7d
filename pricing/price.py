"""The price of a basket: one pure function, without clock, tables and randomness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final

import msgspec

from pricing import hints
from pricing.allocation import allocate, half_up
from pricing.basket import Basket, Counters, Goods, Member, Place, Terms, Versions, WalletCoupon
from pricing.campaigns import Campaign
from pricing.candidates import Candidates, gather
from pricing.conditions import Buyer
from pricing.conflicts import independent, note_conflicts
from pricing.dominance import most_valuable, survivors
from pricing.lines import Shares
from pricing.moments import Moment
from pricing.offers import Offer, most, uses, wasted
from pricing.points import Burn, burning, earned, extra
from pricing.positions import Shelves, positions
from pricing.quote import NotUsed, Quote, QuoteLine, TaxPart, Used, sealed
from pricing.reasons import Reasons
from pricing.rulebook import Rulebook
from pricing.search import Applied, Best, Effort, Stop, best, joined

_COMPARED: Final = 1000
"""Offers that are held against each other to find those that others make idle, the most valuable ones: that takes the
square of their number.
"""
_CONSIDERED: Final = 400
"""Offers of one part of which sets are made, the most valuable ones: each partial set looks at all of them."""
_HERE: Final = Place()
_TERMS: Final = Terms()
_VERSIONS: Final = Versions()


def price(
    basket: Basket,
    *,
    catalogue: Mapping[str, Goods],
    campaigns: Iterable[Campaign] | Rulebook,
    now_ms: int,
    wallet: Sequence[WalletCoupon] = (),
    member: Member | None = None,
    place: Place = _HERE,
    pins: Sequence[str] = (),
    without: Sequence[str] = (),
    burn: Burn = 0,
    counters: Mapping[str, Counters] | None = None,
    terms: Terms = _TERMS,
    versions: Versions = _VERSIONS,
    stop: Stop | None = None,
) -> Quote:
    """Returns what the basket costs. `pins` and `without` are the shopper's own choices: campaigns or coupons that
    shall take part, or shall not; `burn` is how many points to use. A rulebook spares making many campaigns ready for
    each basket. `counters` says how often each campaign was used before. `stop` may end the search for the best offers
    before `terms` do: terms with as many partial sets give the same quote.

    Raises `positions.NoPrice` for a line that the catalogue has no price of.
    """
    shelves = Shelves(positions(basket, catalogue))
    buyer = Buyer(member, place, Moment(now_ms, place.timezone), catalogue, counters or {})
    rulebook = campaigns if isinstance(campaigns, Rulebook) else Rulebook(campaigns)
    found = gather(shelves, buyer, rulebook, wallet, basket=basket.id, pins=pins, without=without)
    reckoned = _Reckoned(shelves, found, terms, Effort(terms.nodes, stop))
    return sealed(_quote(basket, reckoned, buyer, burn, versions))


class _Reckoned:
    """The best set of offers on a basket."""

    def __init__(self, shelves: Shelves, found: Candidates, terms: Terms, effort: Effort) -> None:
        self.shelves, self.found, self.terms, self.effort = shelves, found, terms, effort
        self.units, self.counts = shelves.units, shelves.counts
        self.dropped: list[Offer] = []
        self.best = self._best()
        self.applied = self.best.applied
        self.reasons = Reasons(self.applied, self.units, self.counts)
        self.left = self.reasons.left
        self.giving: list[tuple[Offer, int]] = []
        """Those that give points only, and how many."""
        self.refused: list[NotUsed] = []

    def _best(self) -> Best:
        """The best of what goes together and of what takes part alone."""
        found = [self._best_of(part) for part in _split_alone(self.found.offers)]
        if not found:
            return Best()
        top = min(found, key=lambda each: (-each.goal, each.tie))
        over = max(each.goal + each.bound for each in found) - top.goal
        exact = all(each.exact or each.goal + each.bound <= top.goal for each in found) and not self.dropped
        bound = 0 if exact else min(sum(self.shelves.shelf) - top.saved, over + self._left_out())
        return msgspec.structs.replace(top, exact=bound == 0, bound=bound)

    def _left_out(self) -> int:
        """What those that were not considered save at most, one campaign of each group."""
        groups: dict[str, Counter[str]] = {}
        for offer in self.dropped:
            each = offer.campaign
            groups.setdefault(each.group or f"/{each.id}", Counter())[each.id] += most(offer)
        return sum(max(saves.values()) for saves in groups.values())

    def _best_of(self, offers: list[Offer]) -> Best:
        compared, dropped = most_valuable(offers, _COMPARED, len(offers))
        self.dropped += dropped
        note_conflicts(compared)
        alive = survivors(compared, self.units, self.counts)
        considered, dropped = most_valuable(alive, len(alive), self.terms.coupons)
        self.dropped += dropped
        return joined([self._best_part(part) for part in independent(considered)])

    def _best_part(self, offers: list[Offer]) -> Best:
        considered, dropped = most_valuable(offers, _CONSIDERED, len(offers))
        self.dropped += dropped
        note_conflicts(considered)
        return best(considered, self.units, self.counts, self.effort)

    def give_points(self, paid: Sequence[int]) -> None:
        """Those that give points on what money pays come after: those that give most first, as far as they go with the
        others.
        """
        gives = {id(offer): extra(offer, paid, self.terms) for offer in self.found.points}
        taken = list(self.applied)
        for offer in sorted(self.found.points, key=lambda each: (not each.pinned, -gives[id(each)], each.tie)):
            no = Reasons(taken, self.units, self.counts).conflict(offer)
            if no is None and not gives[id(offer)]:
                no = NotUsed(campaign=offer.campaign.id, coupon=offer.coupon, code="no_effect")
            if no is not None:
                self.refused.append(no)
                continue
            taken.append(Applied(offer, []))
            self.giving.append((offer, gives[id(offer)]))
        self.giving.sort(key=lambda each: each[0].order)

    def not_used(self) -> list[NotUsed]:
        taken = {id(each.offer) for each in self.applied}
        idle = {id(offer) for offer in self.dropped}
        others = [offer for offer in self.found.offers if id(offer) not in taken]
        return [
            *self.found.refused,
            *self.refused,
            *(_not_considered(offer) if id(offer) in idle else self.reasons.of(offer) for offer in others),
        ]


def _split_alone(offers: Sequence[Offer]) -> list[list[Offer]]:
    """Those that go together, and those of each campaign that takes part alone, in their order."""
    found: dict[str, list[Offer]] = {}
    for offer in offers:
        found.setdefault(offer.campaign.id if offer.campaign.alone else "", []).append(offer)
    return list(found.values())


def _not_considered(offer: Offer) -> NotUsed:
    return NotUsed(campaign=offer.campaign.id, coupon=offer.coupon, code="not_considered")


def _quote(basket: Basket, reckoned: _Reckoned, buyer: Buyer, burn: Burn, versions: Versions) -> Quote:
    terms, shelves = reckoned.terms, reckoned.shelves
    shares = Shares(shelves.positions)
    for each in reckoned.applied:
        shares.discount(each)
    payable = [
        left if not each.goods.no_offers else 0 for each, left in zip(shelves.positions, reckoned.left, strict=True)
    ]
    part = burning(buyer.member, sum(payable), burn, terms)
    burned = allocate(part.worth, payable)
    shares.burn(burned)
    paid = [left - off for left, off in zip(payable, burned, strict=True)]
    reckoned.give_points(paid)
    for offer, points in reckoned.giving:
        shares.give(allocate(points, [money if at in offer.touched else 0 for at, money in enumerate(paid)]))
    used = _used(reckoned)
    lines = shares.quoted(basket, part.burned)
    not_used = tuple(sorted(reckoned.not_used(), key=attrgetter("campaign", "coupon")))
    will_earn = earned(sum(paid), terms) + sum(each.points for each in used) if buyer.member else 0
    return Quote(
        basket=basket.id,
        revision=basket.revision,
        currency=terms.currency,
        as_of_ms=buyer.moment.ms,
        until_ms=buyer.moment.ms + terms.quote_ms,
        timezone=buyer.place.timezone,
        lines=lines,
        total=sum(line.pay for line in lines),
        shelf=sum(line.shelf for line in lines),
        discount=reckoned.best.saved,
        used=used,
        not_used=not_used,
        hints=hints.hints(reckoned.applied, not_used, reckoned.found, shelves, reckoned.left),
        points=msgspec.structs.replace(part, will_earn=will_earn),
        taxes=_taxes(lines),
        exact=reckoned.best.exact,
        bound=reckoned.best.bound,
        catalogue=versions.catalogue,
        campaigns=versions.campaigns,
    )


def _used(reckoned: _Reckoned) -> tuple[Used, ...]:
    money = [_taking_part(each.offer, each) for each in reckoned.applied]
    return (*money, *(_giving(offer, points) for offer, points in reckoned.giving))


def _taking_part(offer: Offer, each: Applied) -> Used:
    return Used(
        campaign=offer.campaign.id,
        amount=each.money,
        coupon=offer.coupon,
        uses=uses(offer, each.takes),
        wasted=wasted(offer, each.money),
        version=offer.campaign.version,
        words=offer.campaign.words,
    )


def _giving(offer: Offer, points: int) -> Used:
    each = offer.campaign
    return Used(campaign=each.id, amount=0, coupon=offer.coupon, points=points, version=each.version, words=each.words)


def _taxes(lines: Sequence[QuoteLine]) -> tuple[TaxPart, ...]:
    """The tax inside what is paid, once for each rate."""
    paid: dict[int, int] = {}
    for line in lines:
        paid[line.tax_bp] = paid.get(line.tax_bp, 0) + line.pay
    return tuple(
        TaxPart(bp=bp, paid=money, tax=half_up(money * bp, 10_000 + bp)) for bp, money in sorted(paid.items()) if bp
    )
