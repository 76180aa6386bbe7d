"""What lines cost on the shelf, before any offer."""

from __future__ import annotations

from pricing.allocation import half_up
from pricing.basket import Goods, Line


class NoPrice(ValueError):
    """A line's product is not in the catalogue, or has no price."""


def amount(line: Line, goods: Goods) -> int:
    """What a line costs: its label's price, its weight's, or its pieces'."""
    return unit(line, goods) * line.quantity


def unit(line: Line, goods: Goods) -> int:
    """What one piece or one bag of a line costs."""
    if line.label_price is not None:
        return line.label_price
    if line.grams is not None:
        return half_up(goods.shelf * line.grams, 1000)
    if goods.per_kg:
        raise NoPrice(f"{goods.gtin} is sold by weight: its line {line.id} needs grams or a label's price")
    return goods.shelf
