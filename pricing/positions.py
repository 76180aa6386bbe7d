"""What lies in the basket, as offers look at it: the same good at the same price is one position."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pricing.allocation import half_up
from pricing.basket import Basket, Goods, Line
from pricing.campaigns import Selector

Places = tuple[int, ...]
"""Numbers of positions."""

Names = dict[str, list[int]]
"""Positions by what selectors name goods by."""


class NoPrice(ValueError):
    """A line's product is not in the catalogue, or has no price."""


class Position(msgspec.Struct, frozen=True, gc=False):
    """Units of one good at one price. A unit is a piece, or a weighed bag, which is a position of its own."""

    goods: Goods
    unit: int
    count: int
    lines: tuple[Line, ...]

    @property
    def shelf(self) -> int:
        return self.unit * self.count


def unit_price(line: Line, goods: Goods) -> int:
    """What one piece or bag of a line costs on the shelf: what its label says, else its weight, else the good."""
    if line.label_price is not None:
        return line.label_price
    if said := sold_otherwise(line, goods):
        raise NoPrice(f"line {line.id}: {said}")
    return goods.shelf if line.grams is None else half_up(goods.shelf * line.grams, 1000)


def sold_otherwise(line: Line, goods: Goods) -> str:
    """What is wrong with a line that is weighed where the good is sold by the piece, or the other way round."""
    if line.label_price is not None or goods.per_kg == (line.grams is not None):
        return ""
    if goods.per_kg:
        return f"{goods.gtin} is sold by weight; expected grams or a label_price, found neither"
    return f"{goods.gtin} is sold by the piece; expected a quantity, found grams"


def positions(basket: Basket, catalogue: Mapping[str, Goods]) -> list[Position]:
    """The basket's positions by GTIN, then price. Raises `NoPrice` for a line that the catalogue has no price of."""
    found: dict[tuple[str, int, str], list[Line]] = {}
    for line in basket.lines:
        goods = catalogue.get(line.gtin)
        if goods is None:
            raise NoPrice(f"line {line.id}: expected a product with a price; found {line.gtin}, which has none")
        bag = line.id if line.grams is not None else ""
        found.setdefault((line.gtin, unit_price(line, goods), bag), []).append(line)
    return [_position(catalogue[gtin], unit, lines) for (gtin, unit, _), lines in sorted(found.items())]


def _position(goods: Goods, unit: int, lines: list[Line]) -> Position:
    if len(lines) == 1:
        return Position(goods, unit, lines[0].quantity, (lines[0],))
    count = sum([line.quantity for line in lines])
    return Position(goods, unit, count, tuple(sorted(lines, key=lambda line: line.id)))


class Shelves:
    """Which positions a selector means."""

    def __init__(self, all_of: list[Position]) -> None:
        self.positions = all_of
        self.units = [each.unit for each in all_of]
        self.counts = [each.count for each in all_of]
        self.shelf = [each.shelf for each in all_of]
        self.everything: Places = tuple(at for at, each in enumerate(all_of) if not each.goods.no_offers)
        self.products: Names = {}
        self.categories: Names = {}
        self.brands: Names = {}
        for at, each in enumerate(all_of):
            goods = each.goods
            self.products.setdefault(goods.gtin, []).append(at)
            self.categories.setdefault(goods.category, []).append(at)
            for brand in {goods.brand, *goods.brand_names} if goods.brand or goods.brand_names else ():
                self.brands.setdefault(brand, []).append(at)
        self._dearest: dict[Places, tuple[Places, frozenset[int]]] = {}
        self._sums: dict[Places, tuple[int, int]] = {}
        self._known: dict[int, tuple[Selector, Places]] = {}
        self._interned: dict[Places, Places] = {self.everything: self.everything}

    def of(self, selector: Selector) -> Places:
        """Those that take offers."""
        known = self._known.get(id(selector))
        if known is None:
            # The selector is kept as well, so that nothing else gets its identity.
            known = self._known[id(selector)] = (selector, self._found(selector))
        return known[1]

    def _found(self, selector: Selector) -> Places:
        """One tuple for the same positions."""
        if selector.everything:
            return self.everything
        found = tuple(sorted(at for at in self._named(selector) if not self.positions[at].goods.no_offers))
        return self._interned.setdefault(found, found)

    def closed(self, selector: Selector) -> bool:
        """Whether it means goods that lie here and take no offers."""
        named = range(len(self.positions)) if selector.everything else self._named(selector)
        return any(self.positions[at].goods.no_offers for at in named)

    def _named(self, selector: Selector) -> set[int]:
        rows = (
            (self.products, selector.products), (self.categories, selector.categories), (self.brands, selector.brands)
        )  # fmt: skip
        return {at for known, names in rows for name in names if name in known for at in known[name]}

    def dearest(self, places: Places) -> tuple[Places, frozenset[int]]:
        """Returns positions, the dearest first, and as a set."""
        known = self._dearest.get(places)
        if known is None:
            units = self.units
            known = tuple(sorted(places, key=lambda at: (-units[at], at))), frozenset(places)
            self._dearest[places] = known
        return known

    def spend(self, places: Places) -> int:
        return self._summed(places)[0]

    def pieces(self, places: Places) -> int:
        return self._summed(places)[1]

    def _summed(self, places: Places) -> tuple[int, int]:
        known = self._sums.get(places)
        if known is None:
            known = sum([self.shelf[at] for at in places]), sum([self.counts[at] for at in places])
            self._sums[places] = known
        return known


def matches(selector: Selector, goods: Goods) -> bool:
    """Whether a selector means a good."""
    if selector.everything or goods.gtin in selector.products or goods.category in selector.categories:
        return True
    return any(brand in selector.brands for brand in (goods.brand, *goods.brand_names))
