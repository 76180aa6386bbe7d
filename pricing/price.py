"""The price of a basket: one pure function, without clock, tables and randomness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from pricing import hints
from pricing.allocation import allocate, half_up
from pricing.basket import Basket, Counters, Goods, Member, Place, Terms, Versions, WalletCoupon
from pricing.campaigns import Campaign
from pricing.candidates import Candidates, gather, note_conflicts
from pricing.conditions import Buyer
from pricing.dominance import most_valuable, survivors
from pricing.lines import Shares
from pricing.moments import Moment
from pricing.offers import Offer, uses, wasted
from pricing.points import Burn, burning, earned, extra
from pricing.positions import Shelves, positions
from pricing.quote import NotUsed, Quote, QuoteLine, TaxPart, Used, sealed
from pricing.reasons import Reasons
from pricing.search import Applied, Best, best, replay

_HERE: Final = Place()
_TERMS: Final = Terms()
_VERSIONS: Final = Versions()


def price(
    basket: Basket,
    *,
    catalogue: Mapping[str, Goods],
    campaigns: Iterable[Campaign],
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
) -> Quote:
    """Returns what the basket costs. `pins` and `without` are the shopper's own choices: campaigns or coupons that
    shall take part, or shall not; `burn` is how many points to use. `counters` says how often each campaign was used
    before.

    Raises `positions.NoPrice` for a line that the catalogue has no price of.
    """
    shelves = Shelves(positions(basket, catalogue))
    buyer = Buyer(member, place, Moment(now_ms, place.timezone), catalogue, counters or {})
    found = gather(shelves, buyer, campaigns, wallet, basket=basket.id, pins=pins, without=without)
    reckoned = _Reckoned(shelves, found, terms)
    return sealed(_quote(basket, reckoned, buyer, burn, versions))


class _Reckoned:
    """The best set of offers on a basket."""

    def __init__(self, shelves: Shelves, found: Candidates, terms: Terms) -> None:
        self.shelves, self.found, self.terms = shelves, found, terms
        self.units = [each.unit for each in shelves.positions]
        self.counts = [each.count for each in shelves.positions]
        alive = survivors(found.offers, self.units, self.counts)
        offers, self.dropped = most_valuable(alive, terms.coupons, self.units, self.counts)
        note_conflicts(offers)
        self.best = self._best(offers)
        self.tally, self.applied = replay([offers[at] for at in self.best.taken], self.units, self.counts)
        self._points()

    def _best(self, offers: list[Offer]) -> Best:
        if not offers:
            return Best((), 0)
        found = best(offers, self.units, self.counts, self.terms.nodes)
        left = sum(unit * count for unit, count in zip(self.units, self.counts, strict=True)) - found.saved
        more = sum(offer.cap for offer in self.dropped)
        exact = found.exact and not self.dropped
        return msgspec.structs.replace(found, exact=exact, bound=0 if exact else min(left, found.bound + more))

    def _points(self) -> None:
        """Those that give points only come after: they take part as far as they go with the others."""
        self.giving: list[Offer] = []
        taken = [each.offer for each in self.applied]
        self.refused: list[NotUsed] = []
        for offer in self.found.points:
            reasons = Reasons([Applied(each, []) for each in (*taken, *self.giving)], self.units, self.counts)
            if (no := reasons.conflict(offer)) is None:
                self.giving.append(offer)
            else:
                self.refused.append(no)

    def not_used(self) -> list[NotUsed]:
        reasons = Reasons(self.applied, self.units, self.counts)
        taken = {id(each.offer) for each in self.applied}
        idle = {id(offer) for offer in self.dropped}
        others = [offer for offer in self.found.offers if id(offer) not in taken]
        return [
            *self.found.refused,
            *self.refused,
            *(_not_considered(offer) if id(offer) in idle else reasons.of(offer) for offer in others),
        ]


def _not_considered(offer: Offer) -> NotUsed:
    return NotUsed(campaign=offer.campaign.id, coupon=offer.coupon, code="not_considered")


def _quote(basket: Basket, reckoned: _Reckoned, buyer: Buyer, burn: Burn, versions: Versions) -> Quote:
    terms, shelves, tally = reckoned.terms, reckoned.shelves, reckoned.tally
    shares = Shares(shelves.positions)
    for each in reckoned.applied:
        shares.discount(each)
    payable = [
        left if not each.goods.no_offers else 0 for each, left in zip(shelves.positions, tally.left, strict=True)
    ]
    part = burning(buyer.member, sum(payable), burn, terms)
    burned = allocate(part.worth, payable)
    shares.burn(burned)
    paid = [left - off for left, off in zip(payable, burned, strict=True)]
    used = _used(reckoned, paid)
    lines = shares.quoted(basket, part.burned)
    not_used = tuple(sorted(reckoned.not_used(), key=lambda each: (each.campaign, each.coupon)))
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
        discount=tally.saved,
        used=used,
        not_used=not_used,
        hints=hints.hints(reckoned.applied, not_used, reckoned.found, shelves),
        points=msgspec.structs.replace(part, will_earn=will_earn),
        taxes=_taxes(lines),
        exact=reckoned.best.exact,
        bound=reckoned.best.bound,
        catalogue=versions.catalogue,
        campaigns=versions.campaigns,
    )


def _used(reckoned: _Reckoned, paid: Sequence[int]) -> tuple[Used, ...]:
    money = [_taking_part(each.offer, each) for each in reckoned.applied]
    points = [_giving(offer, extra(offer, paid, reckoned.terms)) for offer in reckoned.giving]
    return (*money, *points)


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
