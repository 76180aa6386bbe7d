"""What stays of an order is worked out anew, where an offer of it says so: by the offers and the day of the purchase.

Goods that were cheaper together cost what they cost alone once the others are back. What was held back for that comes
with the rest, so that whatever comes back in the end, all of it is what was paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from edge.domain.campaigns.queries import campaign as campaign_of
from edge.domain.orders.facts import OrderLine
from edge.domain.orders.rules import Order, units
from edge.journal import Reads
from pricing.basket import Basket, Goods, Line, Place, Terms, WalletCoupon
from pricing.campaigns import Campaign, Condition
from pricing.price import price
from pricing.quote import Quote
from pricing.returns import share

_NOTHING: Final[Mapping[str, Goods]] = {}


def terms_of(reads: Reads, quote: Quote) -> tuple[Campaign, ...]:
    """Returns what the offers of a quote say, for the order to keep, where one of them has what stays worked out anew.

    Nothing where one of them says something else by now: then what was paid for each unit comes back.
    """
    money = [used for used in quote.used if used.amount]
    found = {used.campaign: campaign_of(reads, used.campaign) for used in money}
    as_quoted = [each for used in money if (each := found[used.campaign]) and each.version == used.version]
    if len(as_quoted) < len(money) or all(each.on_return == "keep" for each in as_quoted):
        return ()
    return tuple({each.id: each for each in as_quoted}.values())


def kept(
    order: Order, back: Mapping[str, int], naive: int, goods: Mapping[str, Goods] = _NOTHING, timezone: str = "UTC"
) -> int:
    """Returns how much of `naive`, the share of what was paid for the units that come back, is held back.

    Less than nothing where they bring with them what was held back before. `goods` say what is known of them.
    """
    if not order.paid.terms:
        return 0
    stay = [(line, order.left(line.id) - back.get(line.id, 0)) for line in order.paid.lines]
    due = _price(order, [(line, count) for line, count in stay if count > 0], goods, timezone)
    return naive - max(0, order.paid.total - order.refunded - due)


def _price(order: Order, stay: list[tuple[OrderLine, int]], goods: Mapping[str, Goods], timezone: str) -> int:
    """The money that what stays had cost alone, beside the points that had been used on it."""
    if not stay:
        return 0
    paid = order.paid
    lines = tuple(
        Line(line.id, line.gtin, count, line.grams, label_price=line.unit if line.grams is None else line.shelf)
        for line, count in stay
    )
    # They are used up with this order: they count as far as they go, be that less than half.
    coupons = [WalletCoupon(coupon=used.coupon, campaign=used.campaign) for used in paid.used if used.coupon]
    quote = price(
        Basket(id=paid.basket, lines=lines),
        catalogue={line.gtin: _good(line.gtin, goods) for line, _ in stay},
        campaigns=[msgspec.structs.replace(each, when=_of_goods(each.when)) for each in paid.terms],
        now_ms=paid.as_of_ms,
        wallet=coupons,
        pins=[each.coupon for each in coupons],
        place=Place(timezone=timezone),
        terms=Terms(currency=paid.currency),
    )
    worth = sum(share(line.burned, units(line.quantity, line.grams), 0, count) for line, count in stay)
    return max(0, quote.total - worth)


def _good(gtin: str, goods: Mapping[str, Goods]) -> Goods:
    """Without the catalogue's promotion of today: it is not one of the order's offers."""
    known = goods.get(gtin, Goods(gtin=gtin, price=0))
    return msgspec.structs.replace(known, promo_buy=0, promo_pay=0)


def _of_goods(when: Condition) -> Condition:
    """Who bought, where and when, was looked at then; what must lie in the basket is looked at again."""
    return Condition(goods=when.goods, spend_of=when.spend_of, min_spend=when.min_spend, min_qty=when.min_qty)
