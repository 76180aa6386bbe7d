"""What is worth saying to the shopper: what is nearly reached, what may be taken, what is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pricing.campaigns import Bundle, Campaign, Gift, Selector
from pricing.candidates import Candidates
from pricing.offers import Offer, bundle_parts, wasted
from pricing.positions import Shelves
from pricing.quote import Hint, HintKind, NotUsed
from pricing.search import Applied

_MAX_NEAR: Final = 3
"""Thresholds that are named, the nearest ones."""
_SHORT: Final = ("min_spend", "min_qty")


def hints(
    applied: Sequence[Applied], not_used: Sequence[NotUsed], found: Candidates, shelves: Shelves, left: Sequence[int]
) -> tuple[Hint, ...]:
    """Returns everything that is worth saying, gifts first; `left` is what offers leave to be paid of each position."""
    known = {each.id: each for each in found.campaigns}
    gifts = [_gift(known[each.campaign], each) for each in not_used if each.code == "gift_not_there"]
    more = [hint for each in applied if (hint := _more_gifts(each)) is not None]
    lost = [_lost(each.offer, loss) for each in applied if (loss := wasted(each.offer, each.money))]
    proposed = _proposed(not_used, found, left)
    short = [each for each in not_used if each.code in _SHORT and each.campaign in known]
    near = sorted(
        (_near(known[each.campaign], each) for each in short if _reachable(known[each.campaign], each, shelves)),
        key=lambda hint: (hint.amount, hint.count, hint.campaign, hint.coupon),
    )
    return (*gifts, *more, *near[:_MAX_NEAR], *lost, *proposed)


def _gift(campaign: Campaign, no: NotUsed) -> Hint:
    goods = campaign.benefit.goods if isinstance(campaign.benefit, Gift) else Selector()
    return _about("take_gift", campaign, no.coupon, goods, count=no.short)


def _more_gifts(applied: Applied) -> Hint | None:
    benefit, offer = applied.offer.campaign.benefit, applied.offer
    if not isinstance(benefit, Gift):
        return None
    missing = min(benefit.count, offer.times) - sum(units for _, units, _ in applied.takes)
    if missing <= 0:
        return None
    return _about("take_gift", offer.campaign, offer.coupon, benefit.goods, count=missing)


def _lost(offer: Offer, loss: int) -> Hint:
    return _about("wasted", offer.campaign, offer.coupon, Selector(), amount=loss)


def _proposed(not_used: Sequence[NotUsed], found: Candidates, left: Sequence[int]) -> list[Hint]:
    """What coupons would give, of which most would be lost, on what the others leave."""
    lost = [(no.campaign, no.coupon) for no in not_used if no.code == "half_wasted"]
    if not lost:
        return []
    offers = {(each.campaign.id, each.coupon): each for each in (*found.withheld, *found.offers)}
    idle = [offers[names] for names in lost]
    gives = [min(offer.amount, offer.cap, sum(left[at] for at in offer.places)) for offer in idle]
    return [
        _about("propose", offer.campaign, offer.coupon, Selector(), amount=money)
        for offer, money in zip(idle, gives, strict=True)
        if money
    ]


def _reachable(campaign: Campaign, no: NotUsed, shelves: Shelves) -> bool:
    """Whether half of the way is done."""
    there = shelves.of(campaign.scope).spend if no.code == "min_spend" else _pieces(campaign, shelves)
    return there > 0 and there >= no.short


def _pieces(campaign: Campaign, shelves: Shelves) -> int:
    if isinstance(campaign.benefit, Bundle):
        return sum(shelves.pieces(places) for places, _ in bundle_parts(campaign, campaign.benefit, shelves))
    return shelves.of(campaign.scope).pieces


def _near(campaign: Campaign, no: NotUsed) -> Hint:
    money = no.code == "min_spend"
    return _about(
        "nearly", campaign, no.coupon, campaign.scope, amount=no.short if money else 0, count=0 if money else no.short
    )  # fmt: skip


def _about(
    kind: HintKind, campaign: Campaign, coupon: str, goods: Selector, *, amount: int = 0, count: int = 0
) -> Hint:
    return Hint(
        kind=kind,
        campaign=campaign.id,
        coupon=coupon,
        amount=amount,
        count=count,
        products=goods.products,
        categories=goods.categories,
        brands=goods.brands,
        words=campaign.words,
    )
