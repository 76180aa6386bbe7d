"""Two baskets become one, line by line: the same good counts together, each weighed bag stays a line of its own."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from edge.domain.baskets.facts import BasketLineChanged, BasketMerged
from edge.domain.baskets.queries import BasketNow
from edge.domain.baskets.rules import MAX_LINES, MAX_PIECES, BasketLine
from edge.errors import Refusal
from edge.journal import Fact

Prices = Mapping[str, int | None]
"""What one of a good (or a kilogram) costs on the shelf now, by its number; none where it is not sold any more."""


class Changed(msgspec.Struct, frozen=True):
    """A good that costs another price now than when it was put in."""

    gtin: str
    was: int | None
    now: int | None


class Joined(msgspec.Struct, frozen=True):
    """What joining comes to."""

    facts: list[Fact]
    lines: tuple[BasketLine, ...]
    """What lies there then."""
    changed: tuple[Changed, ...] = ()


def join(into: str, lines: tuple[BasketLine, ...], other: BasketNow, prices: Prices | None = None) -> Joined:
    """Returns the facts that what lies in another basket lies in `into`, which has these lines.

    With `prices` every good counts at what it costs now, and what differs is told; without them only lines whose price
    was the same are counted together. Raises `Refusal` basket_full.
    """
    quantities = {line.line: line.quantity for line in lines}
    new: list[BasketLine] = []
    for line in other.lines:
        same = (
            None
            if line.alone
            else next((each for each in lines if _is_same_good(each, line, prices is not None)), None)
        )
        if same is not None and quantities[same.line] + line.quantity <= MAX_PIECES:
            quantities[same.line] += line.quantity
        else:
            new.append(line if prices is None else msgspec.structs.replace(line, price=prices.get(line.gtin)))
    if len(lines) + len(new) > MAX_LINES:
        raise Refusal("basket_full", most=MAX_LINES)
    facts: list[Fact] = [
        BasketLineChanged(basket=into, line=line.line, quantity=quantities[line.line])
        for line in lines
        if quantities[line.line] != line.quantity
    ]
    then = (*(msgspec.structs.replace(line, quantity=quantities[line.line]) for line in lines), *new)
    merged = BasketMerged(basket=into, other=other.basket, lines=tuple(new))
    return Joined([*facts, merged], then, _changed(other, prices))


def _is_same_good(one: BasketLine, other: BasketLine, any_price: bool) -> bool:
    alike = (one.gtin, one.away, one.age) == (other.gtin, other.away, other.age)
    return alike and not one.alone and (any_price or one.price == other.price)


def _changed(other: BasketNow, prices: Prices | None) -> tuple[Changed, ...]:
    if prices is None:
        return ()
    found = {line.gtin: line for line in other.lines if line.label_price is None}
    return tuple(
        Changed(gtin, line.price, prices.get(gtin)) for gtin, line in found.items() if line.price != prices.get(gtin)
    )
