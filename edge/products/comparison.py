"""A product beside others of its kind, by what a unit of them costs."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.products.pricing import price
from edge.products.product import Product
from edge.products.scenes import alike
from edge.products.unit_price import UnitPrice
from edge.products.version import Version

LOOKED_AT: Final = 16
"""Products of the same category that are looked at."""


class Comparison(msgspec.Struct, frozen=True):
    """One of them."""

    product: Product
    unit: UnitPrice
    own: bool
    """Whether it is the one that the others stand beside."""
    size: bool
    """It is the same in another size."""
    less: int
    """Whole per cent that a unit costs less than one of the product's own; negative where it costs more."""


def compared(version: Version, product: Product, now_ms: int, most: int) -> list[Comparison]:
    """Returns the product and at most so many beside it, its other sizes before what is only of its kind; the cheapest
    unit first. Empty where there is nothing beside.
    """
    own = price(product, now_ms).unit
    if own is None:
        return []
    near = [product, *(each for each in alike(version, product, LOOKED_AT) if each.price is not None)]
    found = [(unit, each) for each in near if (unit := price(each, now_ms).unit) and unit.per == own.per]
    found.sort(key=lambda pair: (pair[0].price, pair[1].gtin))
    others = [pair for pair in found if pair[1] is not product]
    beside = sorted(others, key=lambda pair: not _is_size(product, pair[1]))[:most]
    kept = [pair for pair in found if pair[1] is product or pair in beside]
    if len(kept) < 2:
        return []
    return [
        Comparison(each, unit, each is product, _is_size(product, each), _percent_less(own, unit))
        for unit, each in kept
    ]


def _percent_less(own: UnitPrice, unit: UnitPrice) -> int:
    return round(100 * (own.price - unit.price) / own.price) if own.price else 0


def _is_size(product: Product, other: Product) -> bool:
    """Whether it is the same in another size."""
    return (other.name, other.brand) == (product.name, product.brand) and other.size != product.size
