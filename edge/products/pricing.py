"""What a product costs here and now."""

from __future__ import annotations

import msgspec

from edge.products.product import Product, Promotion
from edge.products.unit_price import UnitPrice, unit_price


class ShelfPrice(msgspec.Struct, frozen=True):
    """Money in the smallest unit; none where this store has set no price."""

    now: int | None
    was: int | None
    """Usual price, where it is cheaper now."""
    unit: UnitPrice | None
    promotion: Promotion | None
    """The one that holds now."""


def price(product: Product, now_ms: int) -> ShelfPrice:
    """The price of one of it (of a kilogram, where it is sold by weight), with the promotion that holds at `now_ms`."""
    promotion = product.promotion if product.promotion and product.promotion.on(now_ms) else None
    now, was = product.price, None
    if promotion and promotion.price is not None and (now is None or promotion.price < now):
        now, was = promotion.price, product.price
    return ShelfPrice(now, was, unit_price(product, now), promotion)


def next_change_ms(product: Product, now_ms: int) -> int | None:
    """When its price is another one by itself: a promotion begins or ends. None where nothing is known to come."""
    held = product.promotion
    moments = (held.from_ms, held.until_ms) if held else ()
    return min((each for each in moments if each is not None and each > now_ms), default=None)


def weighed(product: Product, weight_g: int, now_ms: int) -> int | None:
    """What so many grams of it cost; none where it is not sold by weight."""
    now = price(product, now_ms).now
    if now is None or product.sold_by != "kg":
        return None
    return half_up_thousandth(now * weight_g)


def half_up_thousandth(thousandths: int) -> int:
    """Thousandths of the smallest unit, rounded to whole ones, halves up."""
    return (thousandths + 500) // 1000
