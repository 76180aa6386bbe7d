"""Goods of the golden cases, baskets in their shorthand, and offers in a line."""

from __future__ import annotations

from typing import Any, Final

from pricing.basket import Basket, Goods, Line
from pricing.campaigns import Benefit, Bundle, Campaign, Condition, Gift, Nth, Off, Part, Percent, Price, Selector

NOW_MS: Final = 1_767_225_600_000
_DAY_MS: Final = 86_400_000

PRICES: Final = {
    "M": (1290, "dairy"), "Y": (650, "dairy"), "B": (890, "bakery"), "T": (333, "drinks"), "C": (1000, "sweets"),
    "N": (2599, "snacks"), "D": (6900, "baby"), "F": (19800, "baby"), "G": (990, "bag"), "S": (2500, "tobacco"),
    "A": (1280, "fruit"),
}  # fmt: skip


ALL: Final = Selector()


def goods_of(letter: str, gtin: str) -> Goods:
    price, category = PRICES.get(letter, (0, "")) if not letter.isdecimal() else (int(letter), "")
    return Goods(gtin=gtin, price=price, category=category, no_offers=letter == "S", per_kg=letter == "A")


def basket(text: str) -> tuple[Basket, dict[str, Goods]]:
    """`M*2 Y 333 A1234`: a token is a line, and one that is repeated is another good of the same price."""
    catalogue, lines = {}, []
    for number, token in enumerate(text.split()):
        name, _, times = token.partition("*")
        grams = int(name[1:]) if name[0] == "A" else None
        letter = "A" if name[0] == "A" else name
        gtin = f"{number:02d}{letter}"
        catalogue[gtin] = goods_of(letter, gtin)
        lines.append(Line(id=f"{number:02d}", gtin=gtin, quantity=int(times or 1), grams=grams))
    return Basket(id="basket", lines=tuple(lines)), catalogue


def only(*categories: str) -> Selector:
    return Selector(categories=categories)


def offer(name: str, benefit: Benefit, goods: Selector = ALL, *, when: Any = None, **rest: Any) -> Campaign:
    """A campaign of the stage `basket`."""
    return Campaign(id=name, benefit=benefit, when=Condition(goods=goods, **(when or {})), **rest)


def item(name: str, benefit: Benefit, goods: Selector = ALL, *, when: Any = None, **rest: Any) -> Campaign:
    return offer(name, benefit, goods, when=when, stage="item", **rest)


def off(amount: int, **rest: Any) -> Off:
    return Off(amount=amount, **rest)


def less(percent: int, **rest: Any) -> Percent:
    return Percent(bp=percent * 100, **rest)


def at(amount: int, **rest: Any) -> Price:
    return Price(amount=amount, **rest)


def second_half(**rest: Any) -> Nth:
    return Nth(n=2, bp=5000, **rest)


def second_free(**rest: Any) -> Nth:
    return Nth(n=2, **rest)


def three_for_two() -> Nth:
    return Nth(n=3)


def together(price: int, *categories: str) -> Bundle:
    return Bundle(price=price, parts=tuple(Part(goods=only(each)) for each in categories))


def gift(category: str) -> Gift:
    return Gift(goods=only(category))


def day(number: int) -> int:
    return NOW_MS + number * _DAY_MS
