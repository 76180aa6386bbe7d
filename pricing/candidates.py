"""Which campaigns and coupons could take part in a basket, and why the others cannot: told before any search."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

from pricing.basket import Counters, Goods, WalletCoupon
from pricing.campaigns import Campaign, Gift, Nth, Off, Percent, Points, Price, Selector
from pricing.conditions import Buyer, coupon_refusal, dates, ends, refusal, uses_left
from pricing.missing import missing
from pricing.offers import NO_BOUND, Offer, on_shelves
from pricing.positions import Shelves
from pricing.quote import NotUsed
from pricing.rulebook import Rulebook

_COUPONS_OF_A_CAMPAIGN: Final = 1
"""That an order takes where the campaign says nothing."""


class Candidates(msgspec.Struct):
    """What could take part, in the order of reckoning, and why each other campaign or coupon cannot."""

    offers: list[Offer]
    points: list[Offer]
    """Those that give points only."""
    refused: list[NotUsed]
    campaigns: list[Campaign]
    """All that were looked at, with the catalogue's own: the others name goods that are not there."""
    withheld: list[Offer]
    """Coupons of which most would be lost on all that lies there."""


class _Gathering:
    def __init__(
        self,
        shelves: Shelves,
        buyer: Buyer,
        plain: Collection[str],
        basket: str,
        pins: Sequence[str],
        without: Sequence[str],
    ) -> None:
        self.shelves, self.buyer, self.plain, self.basket = shelves, buyer, plain, basket
        self.pins, self.without = frozenset(pins), frozenset(without)
        self.found = Candidates([], [], [], [], [])
        self.promised: dict[str, int] = {}
        """What coupons may give at most that were entered, by campaign: each draws on what those before it leave."""

    def campaign(self, campaign: Campaign, coupons: Sequence[WalletCoupon]) -> None:
        if not campaign.claim:
            self._enter(campaign, None, self._refusal(campaign))
            for each in coupons:
                self.found.refused.append(self._beside(campaign, each))
        elif not coupons:
            self.found.refused.append(NotUsed(campaign=campaign.id, code="not_claimed"))
        else:
            self._coupons(campaign, coupons)

    def _beside(self, campaign: Campaign, coupon: WalletCoupon) -> NotUsed:
        """A coupon from before its campaign applied by itself adds nothing to that, and is kept."""
        no = coupon_refusal(coupon, campaign, self.basket, self.buyer.moment.ms)
        return no or NotUsed(campaign=campaign.id, coupon=coupon.coupon, code="no_effect")

    def _refusal(self, campaign: Campaign) -> NotUsed | None:
        check = dates if campaign.id in self.plain else refusal
        return check(campaign, self.buyer)

    def _coupons(self, campaign: Campaign, coupons: Sequence[WalletCoupon]) -> None:
        """Coupons of one campaign are alike: those that end soonest are used, as many as an order takes."""
        now_ms, common = self.buyer.moment.ms, self._refusal(campaign)
        left = uses_left(campaign, self.buyer.counters.get(campaign.id))
        if campaign.limits.per_order is None:
            left = min(left, _COUPONS_OF_A_CAMPAIGN)
        for coupon in sorted(coupons, key=lambda each: self._first(each, campaign)):
            no = coupon_refusal(coupon, campaign, self.basket, now_ms) or common
            if no is None and coupon.coupon not in self.without and left <= 0:
                no = NotUsed(campaign=campaign.id, code="limit_order", short=1)
            left -= self._enter(campaign, coupon, no)

    def _first(self, coupon: WalletCoupon, campaign: Campaign) -> tuple[bool, int, str]:
        return (coupon.coupon not in self.pins, ends(coupon, campaign), coupon.coupon)

    def _enter(self, campaign: Campaign, coupon: WalletCoupon | None, no: NotUsed | None) -> bool:
        """Returns whether it could take part."""
        name = coupon.coupon if coupon else ""
        if no is None and self.without and self.without.intersection((campaign.id, name or campaign.id)):
            no = NotUsed(campaign=campaign.id, code="left_out")
        no = no or missing(campaign, self.shelves)
        offer = None if no else self._offer(campaign, coupon)
        if offer is not None and not isinstance(campaign.benefit, Points):
            self.promised[campaign.id] = self.promised.get(campaign.id, 0) + offer.alone
            no = None if offer.alone else _why_nothing(offer)
            self.found.withheld += [offer] if no is not None and no.code == "half_wasted" else []
        if no is not None:
            self.found.refused.append(msgspec.structs.replace(no, coupon=name) if name else no)
            return False
        if offer is not None:
            (self.found.points if isinstance(campaign.benefit, Points) else self.found.offers).append(offer)
        return True

    def _offer(self, campaign: Campaign, coupon: WalletCoupon | None) -> Offer:
        benefit, counters = campaign.benefit, self.buyer.counters.get(campaign.id)
        offer = Offer(campaign)
        if coupon:
            offer.coupon, offer.ends = coupon.coupon, ends(coupon, campaign)
        offer.pinned = bool(self.pins) and not self.pins.isdisjoint((campaign.id, offer.name))
        offer.cap = _cap(benefit, self._budget(campaign, counters))
        offer.times = benefit.count if isinstance(benefit, Gift) else getattr(benefit, "times", 0) or NO_BOUND
        if not coupon and campaign.id not in self.plain:
            offer.times = min(offer.times, uses_left(campaign, counters))
        return on_shelves(offer, self.shelves)

    def _budget(self, campaign: Campaign, counters: Counters | None) -> int:
        """Money that is left of it."""
        if campaign.budget.amount is None:
            return NO_BOUND
        return campaign.budget.amount - (counters.amount if counters else 0) - self.promised.get(campaign.id, 0)


def _cap(benefit: object, budget: int) -> int:
    most = benefit.most if isinstance(benefit, Percent) and benefit.most else NO_BOUND
    return min(most, budget)


def _why_nothing(offer: Offer) -> NotUsed:
    """On a whole basket a coupon that gives nothing is one of which most would be lost, or dearer than the shelf; or
    others of its campaign may use up the budget.
    """
    if offer.cap <= 0:
        return NotUsed(campaign=offer.campaign.id, code="budget_gone")
    lost = bool(offer.coupon) and not offer.of_items and isinstance(offer.campaign.benefit, Off) and offer.amount > 0
    return NotUsed(campaign=offer.campaign.id, code="half_wasted" if lost else "no_effect")


def gather(
    shelves: Shelves,
    buyer: Buyer,
    rulebook: Rulebook,
    wallet: Sequence[WalletCoupon],
    *,
    basket: str,
    pins: Sequence[str],
    without: Sequence[str],
) -> Candidates:
    """Returns what could take part in a basket."""
    gathering = _Gathering(shelves, buyer, rulebook.plain, basket, pins, without)
    held: dict[str, list[WalletCoupon]] = {}
    for coupon in wallet:
        held.setdefault(coupon.campaign, []).append(coupon)
    looked_at, absent = rulebook.about(shelves, buyer.moment.ms, {*held, *without})
    gathering.found.campaigns = [*looked_at, *promotions(shelves)]
    gathering.found.refused = absent
    for campaign in gathering.found.campaigns:
        gathering.campaign(campaign, held.pop(campaign.id, ()))
    found = gathering.found
    found.refused += [
        NotUsed(campaign=name, coupon=each.coupon, code="campaign_gone") for name in sorted(held) for each in held[name]
    ]
    found.offers.sort(key=lambda offer: offer.order)
    found.points.sort(key=lambda offer: offer.order)
    return found


def promotions(shelves: Shelves) -> list[Campaign]:
    """The catalogue's own `3 for 2`, as campaigns like any other."""
    goods: Mapping[str, Goods] = {each.goods.gtin: each.goods for each in shelves.positions}
    return [offer for each in goods.values() if (offer := promotion(each)) is not None]


def promotion(good: Goods) -> Campaign | None:
    """The catalogue's own promotion of one good; none where it has none."""
    if not 0 < good.promo_pay < good.promo_buy or good.no_offers:
        return None
    return Campaign(
        id=f"promo:{good.gtin}",
        benefit=Nth(n=good.promo_buy, count=good.promo_buy - good.promo_pay),
        when=msgspec.structs.replace(_ANYTHING, goods=Selector(products=(good.gtin,))),
        stage="item",
        words=good.names,
    )


_ANYTHING: Final = Campaign(id="any", benefit=Price(amount=0)).when
