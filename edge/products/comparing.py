"""A product beside others of its kind, by what a unit of them costs."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.products.pricing import price
from edge.products.product import Product
from edge.products.stage import alike
from edge.products.unit_price import UnitPrice
from edge.products.version import Version

LOOKED_AT: Final = 16
"""Products of the same category that are looked at."""


class Compared(msgspec.Struct, frozen=True):
    """One of them."""

    product: Product
    unit: UnitPrice
    own: bool
    """Whether it is the one that the others stand beside."""
    less: int
    """Whole per cent that a unit costs less than one of the product's own; negative where it costs more."""


def compared(version: Version, product: Product, now_ms: int, most: int) -> list[Compared]:
    """Sizes and alternatives, the cheapest unit first, the product among them; empty where there is nothing beside."""
    own = price(product, now_ms).unit
    if own is None:
        return []
    near = [product, *(each for each in alike(version, product, LOOKED_AT) if each.price is not None)]
    found = [(unit, each) for each in near if (unit := price(each, now_ms).unit) and unit.per == own.per]
    found.sort(key=lambda pair: (pair[0].price, pair[1].gtin))
    kept = [pair for pair in found if pair[1] is product or pair in found[:most]]
    if len(kept) < 2:
        return []
    return [
        Compared(each, unit, each is product, round(100 * (own.price - unit.price) / own.price) if own.price else 0)
        for unit, each in kept
    ]
