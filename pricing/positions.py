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


class Lot(msgspec.Struct, frozen=True, eq=False):
    """Some positions together, and what offers ask of them: made once for each basket."""

    places: Places
    dearest: Places
    """The same, the dearest first."""
    touched: frozenset[int]
    """The same, as a set."""
    spend: int
    """What all of it costs on the shelf."""
    pieces: int


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
    if goods.per_kg != (line.grams is not None):
        raise NoPrice(f"line {line.id}: {sold_otherwise(line, goods)}")
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
    return [_position(catalogue[each[0]], each[1], found[each]) for each in sorted(found)]


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
        self.shelf = [unit * count for unit, count in zip(self.units, self.counts, strict=True)]
        self.products: Names = {}
        self.categories: Names = {}
        self.brands: Names = {}
        for at, each in enumerate(all_of):
            goods = each.goods
            self.products.setdefault(goods.gtin, []).append(at)
            self.categories.setdefault(goods.category, []).append(at)
            for brand in {goods.brand, *goods.brand_names} if goods.brand or goods.brand_names else ():
                self.brands.setdefault(brand, []).append(at)
        self._known: dict[int, tuple[Selector, Lot]] = {}
        self._lots: dict[Places, Lot] = {}
        self._everything = self.lot(tuple([at for at, each in enumerate(all_of) if not each.goods.no_offers]))

    def of(self, selector: Selector) -> Lot:
        """Those that take offers."""
        known = self._known.get(id(selector))
        if known is None:
            # The selector is kept as well, so that nothing else gets its identity.
            known = self._known[id(selector)] = (selector, self._select(selector))
        return known[1]

    def _select(self, selector: Selector) -> Lot:
        if selector.everything:
            return self._everything
        return self.lot(tuple([at for at in sorted(self._matches(selector)) if not self.positions[at].goods.no_offers]))

    def closed(self, selector: Selector) -> bool:
        """Whether it means goods that lie here and take no offers."""
        named = range(len(self.positions)) if selector.everything else self._matches(selector)
        return any(self.positions[at].goods.no_offers for at in named)

    def _matches(self, selector: Selector) -> set[int]:
        rows = (
            (self.products, selector.products), (self.categories, selector.categories), (self.brands, selector.brands)
        )  # fmt: skip
        return {at for known, names in rows if names for name in known.keys() & names for at in known[name]}

    def lot(self, places: Places) -> Lot:
        """The same one for the same positions."""
        known = self._lots.get(places)
        if known is None:
            known = self._lots[places] = Lot(
                places=places,
                dearest=tuple(sorted(places, key=self.units.__getitem__, reverse=True)),
                touched=frozenset(places),
                spend=sum([self.shelf[at] for at in places]),
                pieces=self.pieces(places),
            )
        return known

    def pieces(self, places: Places) -> int:
        """How many pieces or bags lie there."""
        return sum([self.counts[at] for at in places])


def matches(selector: Selector, goods: Goods) -> bool:
    """Whether a selector means a good."""
    if selector.everything or goods.gtin in selector.products or goods.category in selector.categories:
        return True
    return any(brand in selector.brands for brand in (goods.brand, *goods.brand_names))
