"""Price per unit, so that packages of any size compare.

| contents | compared by |
|---|---|
| weight up to 250 g | 100 g |
| weight above | 1 kg |
| volume up to 250 ml | 100 ml |
| volume above | 1 l |
| length | 1 m |
| pieces, up to 50 | 1 piece |
| pieces, more | 100 pieces |

What is sold by weight is compared by the kilogram; its price is that already. One single piece is not compared.
Halves of the smallest unit are rounded up, once, from the exact fraction.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal

import msgspec

from edge.products.product import Product, Size

Measure = Literal["100g", "kg", "100ml", "l", "m", "piece", "100pieces"]

_BASE: Final[dict[str, tuple[str, Fraction]]] = {
    "g": ("g", Fraction(1)),
    "kg": ("g", Fraction(1000)),
    "ml": ("ml", Fraction(1)),
    "cl": ("ml", Fraction(10)),
    "l": ("ml", Fraction(1000)),
    "m": ("m", Fraction(1)),
    "piece": ("piece", Fraction(1)),
}
_SMALL: Final[dict[str, tuple[Fraction, Measure, int]]] = {
    "g": (Fraction(250), "100g", 100),
    "ml": (Fraction(250), "100ml", 100),
    "m": (Fraction(0), "m", 1),
    "piece": (Fraction(50), "piece", 1),
}
_LARGE: Final[dict[str, tuple[Measure, int]]] = {
    "g": ("kg", 1000),
    "ml": ("l", 1000),
    "m": ("m", 1),
    "piece": ("100pieces", 100),
}


class UnitPrice(msgspec.Struct, frozen=True):
    """So much money, in the smallest unit, for so much of it."""

    price: int
    per: Measure


def contents(size: Size) -> tuple[Fraction, str]:
    """Everything in the package: how much, in g, ml, m or pieces."""
    base, factor = _BASE[size.unit]
    return Fraction(size.amount) * size.packs * factor, base


def unit_price(product: Product, price: int | None) -> UnitPrice | None:
    """What `price` of a product comes to by its unit; none where nothing is to be compared."""
    if price is None:
        return None
    if product.sold_by == "kg":
        return UnitPrice(price, "kg")
    if product.size is None:
        return None
    amount, base = contents(product.size)
    if amount <= 0 or (base == "piece" and amount == 1):
        return None
    most, small, by = _SMALL[base]
    per, units = (small, by) if amount <= most else _LARGE[base]
    return UnitPrice(half_up(Fraction(price * units) / amount), per)


def half_up(exact: Fraction) -> int:
    """Rounded to a whole number, halves away from zero; never of a negative one."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
