"""From a code to a good in a basket: what was scanned, weighed or typed, and what it costs on the shelf now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from edge.domain.baskets.rules import Away, Good, How
from edge.domain.codes.readings import Reading
from edge.errors import Refusal
from edge.products.goods import goods

if TYPE_CHECKING:
    from edge.products import Product, Products
    from gs1.trade import Trade


def good_of(products: Products, readings: Iterable[Reading], now_ms: int, *, how: How, at: str = "") -> Good:
    """Returns the good that a code means. Raises `Refusal`: product_unknown, two_meanings, no_price, needs_weight."""
    found: dict[tuple[str, int | None, int | None], Trade] = {}
    for reading in readings:
        trade = reading.trade
        if reading.kind == "product" and trade is not None and not reading.refused and products.find(trade.gtin):
            found.setdefault((trade.gtin, trade.weight_g, trade.price), trade)
    if not found:
        raise Refusal("product_unknown")
    if len(found) > 1:
        raise Refusal("two_meanings", count=len(found))
    return of_trade(products, next(iter(found.values())), now_ms, how=how, at=at)


def of_trade(products: Products, trade: Trade, now_ms: int, *, how: How, at: str = "") -> Good:
    """Returns a trade item as a good: by the piece, or the bag that its label describes. Raises as `good_of` does."""
    product = products.find(trade.gtin)
    if product is None:
        raise Refusal("product_unknown", product=trade.gtin)
    known = goods(product, now_ms)
    weighed = product.sold_by == "kg"
    grams = trade.weight_g if weighed else None
    if known is None and trade.price is None:
        raise Refusal("no_price", product=product.gtin)
    if weighed and grams is None and trade.price is None:
        raise Refusal("needs_weight", product=product.gtin)
    return Good(
        gtin=product.gtin,
        quantity=1 if grams is not None or trade.price is not None else max(1, trade.count or 1),
        grams=grams,
        label_price=trade.price,
        price=known.shelf if known else None,
        age=product.age,
        how=how,
        at=at,
        # What was scanned lies in the buyer's hand, whatever the catalogue says.
        away=away_of(product) if how in ("page", "search") else "",
    )


def away_of(product: Product) -> Away:
    """Where a product is to be fetched from; empty where it stands on a shelf."""
    if product.here:
        return ""
    return "room" if product.stock else "elsewhere"


def several(good: Good, quantity: int) -> Good:
    """Returns so many of a good. Raises `Refusal` bad_request for a weighed bag, which is one."""
    if quantity == 1:
        return good
    if good.alone:
        raise Refusal("bad_request", field="quantity", expected="1 of a bag that is weighed", found=quantity)
    return msgspec.structs.replace(good, quantity=quantity * good.quantity)
