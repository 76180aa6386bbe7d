"""What stays of an order is worked out anew, where an offer of it says so: by the offers and the day of the purchase.

Goods that were cheaper together cost what they cost alone once the others are back. What was held back for that comes
with the rest, so that whatever comes back in the end, all of it is what was paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from edge.domain.campaigns.queries import campaign as campaign_of
from edge.domain.campaigns.queries import uses
from edge.domain.campaigns.rules import store_day
from edge.domain.orders.facts import OrderLine
from edge.domain.orders.rules import Order, units
from edge.journal import Reads
from pricing.basket import Basket, Counters, Goods, Line, Place, Terms, WalletCoupon
from pricing.campaigns import Budget, Campaign, Condition, Limits, Points
from pricing.conditions import uses_left
from pricing.offers import NO_BOUND
from pricing.price import price
from pricing.quote import Quote
from pricing.returns import share

_NOTHING: Final[Mapping[str, Goods]] = {}
_OUTDONE: Final = frozenset(("group_taken", "excluded", "alone", "units_taken", "no_effect"))
"""Why an offer took no part though all that it asks for was there: it may do so without the one that it gave way to."""


def terms_of(
    reads: Reads, quote: Quote, member: str, now_ms: int, promotions: Sequence[Campaign] = ()
) -> tuple[Campaign, ...]:
    """Returns what the offers of a quote say, for the order to keep, where one of them has what stays worked out anew:
    those that took part, and those that had only to give way to them, as a lower tier has. `promotions` are those of
    the catalogue that the quote was made with.

    Nothing where one that took part says something else by now: then what was paid for each unit comes back.
    """
    given: dict[str, tuple[int, int]] = {}
    catalogue = {each.id: each for each in promotions}
    as_quoted = []
    for used in quote.used:
        found = catalogue.get(used.campaign) or campaign_of(reads, used.campaign) if used.amount else None
        if used.amount and (found is None or found.version != used.version):
            return ()
        if found is not None:
            count, money = given.get(found.id, (0, 0))
            given[found.id] = count + used.uses, money + used.amount
            # Who had its coupon before it applied by itself, or was withdrawn after that, used it as a coupon.
            as_quoted.append(msgspec.structs.replace(found, claim=bool(used.coupon)))
    if all(each.on_return == "keep" for each in as_quoted):
        return ()
    outdone = [
        catalogue.get(no.campaign) or campaign_of(reads, no.campaign)
        for no in quote.not_used
        if no.code in _OUTDONE and not no.coupon
    ]
    others = [each for each in outdone if each is not None and not isinstance(each.benefit, Points)]
    day = store_day(quote.as_of_ms, quote.timezone)
    before = uses(reads, member=member, day=day, now_ms=now_ms, basket=quote.basket)
    said = {each.id: each for each in (*as_quoted, *others)}
    return tuple(_what_is_left(each, before.get(name), *given.get(name, (0, 0))) for name, each in said.items())


def _what_is_left(campaign: Campaign, before: Counters | None, count: int, money: int) -> Campaign:
    """What it may give to this order: of its limits and its budget that which earlier orders have left."""
    if campaign.limits == Limits() and campaign.budget == Budget():
        return campaign
    times, most = max(count, uses_left(campaign, before)), campaign.budget.amount
    return msgspec.structs.replace(
        campaign,
        limits=Limits(per_order=times if times < NO_BOUND else None),
        budget=Budget(amount=most if most is None else max(money, most - (before.amount if before else 0))),
    )


def withheld_amount(
    order: Order,
    back: Mapping[str, int],
    naive: int,
    *,
    goods: Mapping[str, Goods] = _NOTHING,
    timezone: str = "UTC",
    absent: bool = False,
) -> int:
    """Returns how much of `naive`, the share of what was paid for the units that come back, is held back.

    Less than nothing where they bring with them what was held back before. `goods` say what is known of them. Units
    that cannot be had (`absent`, and those before) cost nobody an offer: what stays costs no more than beside them.
    """
    if not order.paid.terms:
        return 0
    stay = {line.id: count for line in order.paid.lines if (count := order.left(line.id) - back.get(line.id, 0)) > 0}
    missing = dict(order.absent)
    for line, count in back.items() if absent else ():
        missing[line] = missing.get(line, 0) + count
    due = _price(order, stay, {}, goods, timezone)
    if any(missing.values()):
        due = min(due, _price(order, stay, missing, goods, timezone))
    return naive - max(0, order.paid.total - order.refunded - due)


def _price(
    order: Order, stay: Mapping[str, int], missing: Mapping[str, int], goods: Mapping[str, Goods], timezone: str
) -> int:
    """The money that what stays had cost with what is missing beside it, less the points that had been used on it."""
    if not stay:
        return 0
    paid = order.paid
    count = {line.id: stay.get(line.id, 0) + missing.get(line.id, 0) for line in paid.lines}
    there = [line for line in paid.lines if count[line.id]]
    label = {line.id: line.unit if line.grams is None else line.shelf for line in there}
    lines = tuple(Line(each.id, each.gtin, count[each.id], each.grams, label_price=label[each.id]) for each in there)
    # They are used up with this order: they count as far as they go, be that less than half; but for those that came
    # back with all that they had made cheaper.
    free = _coupons(paid.lines) - _coupons(there)
    coupons = [
        WalletCoupon(coupon=used.coupon, campaign=used.campaign)
        for used in paid.used
        if used.coupon and used.coupon not in free
    ]
    quote = price(
        Basket(id=paid.basket, lines=lines),
        catalogue={line.gtin: _without_promotion(line, goods) for line in there},
        campaigns=[msgspec.structs.replace(each, when=_of_goods(each.when)) for each in paid.terms],
        now_ms=paid.as_of_ms,
        wallet=coupons,
        pins=[each.coupon for each in coupons],
        place=Place(timezone=timezone),
        terms=Terms(currency=paid.currency),
    )
    whole = sum(share(each.pay, count[each.id], missing.get(each.id, 0), stay.get(each.id, 0)) for each in quote.lines)
    burned = ((line, units(line.quantity, line.grams)) for line in there)
    return max(0, whole - sum(share(line.burned, of, 0, stay.get(line.id, 0)) for line, of in burned))


def _coupons(lines: Iterable[OrderLine]) -> set[str]:
    return {each.coupon for line in lines for each in line.discounts}


def _without_promotion(line: OrderLine, goods: Mapping[str, Goods]) -> Goods:
    """Without the catalogue's promotion of today: that of the day of purchase is one of the order's offers."""
    known = goods.get(line.gtin, Goods(gtin=line.gtin, price=0))
    return msgspec.structs.replace(known, promo_buy=0, promo_pay=0, no_offers=known.no_offers or line.no_offers)


def _of_goods(when: Condition) -> Condition:
    """Who bought, where and when, was looked at then; what must lie in the basket is looked at again."""
    return Condition(goods=when.goods, spend_of=when.spend_of, min_spend=when.min_spend, min_qty=when.min_qty)
