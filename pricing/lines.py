"""From positions back to the lines that were scanned."""

from __future__ import annotations

from collections.abc import Sequence

from pricing.allocation import allocate
from pricing.basket import Basket, Line
from pricing.positions import Position
from pricing.quote import Discount, QuoteLine
from pricing.returns import share
from pricing.search import Applied


class Shares:
    """What each scanned line owes of what its position was given."""

    def __init__(self, positions: Sequence[Position]) -> None:
        self.positions = positions
        self.left = {line.id: each.unit * line.quantity for each in positions for line in each.lines}
        self.discounts: dict[str, list[Discount]] = {line: [] for line in self.left}
        self.burned = dict.fromkeys(self.left, 0)
        self.bonus = dict.fromkeys(self.left, 0)

    def discount(self, applied: Applied) -> None:
        """Hand out what one offer gives."""
        campaign, coupon = applied.offer.campaign.id, applied.offer.coupon
        for at, _, money in applied.takes:
            for line, part in self._parts(self.positions[at], money):
                self.discounts[line].append(Discount(campaign, part, coupon))

    def burn(self, by_position: Sequence[int]) -> None:
        """Hand out what points pay."""
        for position, money in zip(self.positions, by_position, strict=True):
            for line, part in self._parts(position, money):
                self.burned[line] += part

    def give(self, by_position: Sequence[int]) -> None:
        """Hand out the points that one campaign gives."""
        for position, points in zip(self.positions, by_position, strict=True):
            passed = 0
            for line in position.lines:
                self.bonus[line.id] += share(points, position.count, passed, line.quantity)
                passed += line.quantity

    def _parts(self, position: Position, money: int) -> list[tuple[str, int]]:
        """By the formula of returns; what a line has no room for goes to the others."""
        if not money:
            return []
        if len(position.lines) == 1:
            name = position.lines[0].id
            self.left[name] -= money
            return [(name, money)]
        passed, parts, over = 0, {}, 0
        for line in position.lines:
            wanted = over + share(money, position.count, passed, line.quantity)
            parts[line.id] = min(wanted, self.left[line.id])
            over, passed = wanted - parts[line.id], passed + line.quantity
        for line in position.lines:
            more = min(over, self.left[line.id] - parts[line.id])
            parts[line.id], over = parts[line.id] + more, over - more
        for name, part in parts.items():
            self.left[name] -= part
        return [(name, part) for name, part in parts.items() if part]

    def quoted(self, basket: Basket, points: int) -> tuple[QuoteLine, ...]:
        """The basket's lines as they were scanned, with the points that pay for each."""
        by_line = {line.id: position for position in self.positions for line in position.lines}
        money = [self.burned[line.id] for line in basket.lines]
        shared = allocate(points, money)
        return tuple(
            self._quoted(line, by_line[line.id], part) for line, part in zip(basket.lines, shared, strict=True)
        )

    def _quoted(self, line: Line, position: Position, points: int) -> QuoteLine:
        goods = position.goods
        return QuoteLine(
            id=line.id,
            gtin=line.gtin,
            quantity=line.quantity,
            shelf=position.unit * line.quantity,
            pay=self.left[line.id],
            grams=line.grams,
            unit=position.unit if line.grams is None else goods.shelf,
            discounts=tuple(self.discounts[line.id]),
            burned=self.burned[line.id],
            points=points,
            tax_bp=goods.tax_bp,
            names=goods.names,
            no_offers=goods.no_offers,
            bonus=self.bonus[line.id],
        )
