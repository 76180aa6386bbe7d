"""Why a campaign does not hold for this buyer, here, now: the first part of its condition that is not met."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from pricing.basket import Counters, Goods, Member, Place, WalletCoupon
from pricing.campaigns import Budget, Campaign, Limits, Points, Selector
from pricing.moments import Moment
from pricing.offers import NO_BOUND
from pricing.positions import matches
from pricing.quote import NotUsed

_DAY_MS: Final = 86_400_000


class Buyer(msgspec.Struct):
    """Who buys, where and when."""

    member: Member | None
    place: Place
    moment: Moment
    catalogue: Mapping[str, Goods]
    counters: Mapping[str, Counters]


def refusal(campaign: Campaign, buyer: Buyer) -> NotUsed | None:
    """Returns what stands in a campaign's way whatever lies in the basket; None where nothing does."""
    for check in _CHECKS:
        if (found := check(campaign, buyer)) is not None:
            return found
    return None


def coupon_refusal(coupon: WalletCoupon, campaign: Campaign, basket: str, now_ms: int) -> NotUsed | None:
    """Returns what is wrong with one coupon; None where nothing is."""

    def no(code: str, at_ms: int | None = None, by: str = "") -> NotUsed:
        return NotUsed(campaign=campaign.id, coupon=coupon.coupon, code=code, at_ms=at_ms, by=by)

    begins, ends = _validity(coupon, campaign)
    if coupon.state == "redeemed":
        return no("coupon_used")
    if coupon.state == "ended" or now_ms >= ends:
        return no("coupon_ended", at_ms=None if ends == NO_BOUND else ends)
    if now_ms < begins:
        return no("coupon_not_yet", at_ms=begins)
    if coupon.state == "reserved" and coupon.basket != basket:
        return no("coupon_reserved", by=coupon.basket)
    return None


def ends(coupon: WalletCoupon, campaign: Campaign) -> int:
    """First instant at which a coupon is no longer good."""
    return _validity(coupon, campaign)[1]


def _validity(coupon: WalletCoupon, campaign: Campaign) -> tuple[int, int]:
    """A coupon's own times; where it has none, those of its campaign, which otherwise say when it may be claimed."""
    begins = coupon.usable_from_ms or campaign.when.from_ms or 0
    until = coupon.until_ms if coupon.until_ms is not None else campaign.when.until_ms
    return begins, NO_BOUND if until is None else until


def dates(campaign: Campaign, buyer: Buyer) -> NotUsed | None:
    """Returns what is wrong with the moment; None where nothing is."""
    when, now = campaign.when, buyer.moment.ms
    if not campaign.claim:
        if when.from_ms is not None and now < when.from_ms:
            return NotUsed(campaign=campaign.id, code="not_now", at_ms=when.from_ms)
        if when.until_ms is not None and now >= when.until_ms:
            return NotUsed(campaign=campaign.id, code="ended", at_ms=when.until_ms)
    if buyer.moment.holds(when):
        return None
    begins, ended = buyer.moment.next_from(when), None if campaign.claim else when.until_ms
    again = begins is not None and (ended is None or begins < ended)
    return NotUsed(campaign=campaign.id, code="not_now", at_ms=begins if again else None)


def _here(campaign: Campaign, buyer: Buyer) -> NotUsed | None:
    when, place = campaign.when, buyer.place
    for wanted, found in ((when.zones, place.zone), (when.touchpoints, place.touchpoint), (when.screens, place.screen)):
        if wanted and found not in wanted:
            return NotUsed(campaign=campaign.id, code="not_here", wanted=wanted)
    return None


def _who(campaign: Campaign, buyer: Buyer) -> NotUsed | None:
    member = buyer.member
    if member is None:
        return NotUsed(campaign=campaign.id, code="member") if _members_only(campaign) else None
    return _standing(campaign, member) or _past(campaign, member, buyer)


def _standing(campaign: Campaign, member: Member) -> NotUsed | None:
    """What the store calls a member."""
    when = campaign.when
    if when.levels and member.level not in when.levels:
        return NotUsed(campaign=campaign.id, code="level", wanted=when.levels)
    if when.tags and not set(when.tags) & set(member.tags):
        return NotUsed(campaign=campaign.id, code="tag", wanted=when.tags)
    return None


def _past(campaign: Campaign, member: Member, buyer: Buyer) -> NotUsed | None:
    """What a member has done, and when they were born."""
    when = campaign.when
    if when.first_order and not member.first_order:
        return NotUsed(campaign=campaign.id, code="not_first_order", by=member.counted_order)
    if when.birthday is not None and not _birthday(when.birthday, member, buyer.moment):
        return NotUsed(campaign=campaign.id, code="not_birthday")
    if when.bought is not None and not _bought(when.bought.goods, when.bought.days, member, buyer):
        return NotUsed(campaign=campaign.id, code="not_bought", wanted=_names(when.bought.goods))
    return None


def _members_only(campaign: Campaign) -> bool:
    """Also where it gives points, which nobody else has."""
    when = campaign.when
    asks = (when.member, when.levels, when.tags, when.first_order, when.birthday is not None, when.bought is not None)
    return any(asks) or isinstance(campaign.benefit, Points)


def _birthday(days: int, member: Member, moment: Moment) -> bool:
    return bool(member.birthday) and moment.days_to(member.birthday) <= days


def _bought(goods: Selector, days: int, member: Member, buyer: Buyer) -> bool:
    since = buyer.moment.ms - days * _DAY_MS if days else 0
    return any(
        at_ms >= since and matches(goods, buyer.catalogue.get(gtin) or Goods(gtin=gtin, price=0))
        for gtin, at_ms in member.bought.items()
    )


def _names(goods: Selector) -> tuple[str, ...]:
    return (*goods.products, *goods.categories, *goods.brands)


def _payment(campaign: Campaign, buyer: Buyer) -> NotUsed | None:
    wanted = campaign.when.payments
    if not wanted or buyer.place.payment in wanted:
        return None
    return NotUsed(campaign=campaign.id, code="payment", wanted=wanted)


def _limits(campaign: Campaign, buyer: Buyer) -> NotUsed | None:
    """Limits and budget that leave nothing."""
    if campaign.limits == _NO_LIMITS and campaign.budget == _NO_BUDGET:
        return None
    counted = buyer.counters.get(campaign.id)
    code = next((code for code, left in room(campaign, counted) if left <= 0), None)
    if code is None:
        return None
    if code == "budget_gone" and counted is not None and counted.offline:
        code = "budget_offline"
    return NotUsed(campaign=campaign.id, code=code)


def room(campaign: Campaign, counted: Counters | None) -> list[tuple[str, int]]:
    """How many uses, or how much money of the budget, each limit leaves."""
    limits, budget, counters = campaign.limits, campaign.budget, counted or _NONE
    found: list[tuple[str, int | None, int]] = [
        ("limit_order", limits.per_order, 0),
        ("limit_member", limits.per_member, counters.member),
        ("limit_member_day", limits.per_member_day, counters.member_day),
        ("limit_store_day", limits.per_store_day, counters.store_day),
        ("budget_gone", budget.uses, counters.uses),
        ("budget_gone", budget.amount, counters.amount),
    ]
    return [(code, limit - used) for code, limit, used in found if limit is not None]


def uses_left(campaign: Campaign, counted: Counters | None) -> int:
    """How often a campaign may still give its benefit, here and now."""
    if campaign.limits == _NO_LIMITS and campaign.budget == _NO_BUDGET:
        return NO_BOUND
    limits, budget, counters = campaign.limits, campaign.budget, counted or _NONE
    left = (
        limits.per_order,
        _less(limits.per_member, counters.member),
        _less(limits.per_member_day, counters.member_day),
        _less(limits.per_store_day, counters.store_day),
        _less(budget.uses, counters.uses),
    )
    return min((each for each in left if each is not None), default=NO_BOUND)


def _less(limit: int | None, used: int) -> int | None:
    return None if limit is None else limit - used


_NONE: Final = Counters()
_NO_LIMITS: Final = Limits()
_NO_BUDGET: Final = Budget()
Check = Callable[[Campaign, Buyer], NotUsed | None]
_CHECKS: Final[Sequence[Check]] = (dates, _here, _who, _payment, _limits)
