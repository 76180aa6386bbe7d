"""Baskets and campaigns as a store has them, the same for the same seed.

A store of 3,000 products in 100 categories runs 200 campaigns in groups of 3 to 5 that exclude each other: six groups
of ten on a few products each, a third on a category, one of twenty on the whole basket as tiers (10 off from 100, 20
off from 200 ...). A wallet holds 10 coupons of three groups: for goods, for categories, for the store.

The dense one has 7 departments in place of categories, and each of its groups is on two of them: about 14 of 50 lines.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from pricing.basket import Basket, Goods, Line, WalletCoupon
from pricing.campaigns import Benefit, Campaign, Condition, Nth, Off, Percent, Selector, Stage

PRODUCTS, CATEGORIES, DEPARTMENTS = 3_000, 100, 7
SEED = 20261126


class Case(NamedTuple):
    basket: Basket
    catalogue: dict[str, Goods]
    campaigns: list[Campaign]
    wallet: list[WalletCoupon]


def store(number: int, *, lines: int = 50, campaigns: int = 200, coupons: int = 10) -> Case:
    """The case of that number."""
    dice = random.Random(SEED + number)
    catalogue = {f"{n:014d}": _goods(dice, f"{n:014d}") for n in range(PRODUCTS)}
    made: list[Campaign] = []
    while len(made) < campaigns:
        made += _group(dice, f"g{len(made)}", min(dice.randint(3, 5), campaigns - len(made)), catalogue)
    held = [_coupon(dice, n, catalogue) for n in range(coupons)]
    wallet = [WalletCoupon(coupon=f"{each.id}-1", campaign=each.id) for each in held]
    return Case(_basket(dice, lines, catalogue), catalogue, made + held, wallet)


def dense(number: int, *, lines: int = 50, campaigns: int = 200, coupons: int = 10) -> Case:
    """The case of that number where every offer is on two departments."""
    dice = random.Random(SEED + number)
    catalogue = {f"{n:014d}": _goods(dice, f"{n:014d}", DEPARTMENTS) for n in range(PRODUCTS)}
    made: list[Campaign] = []
    while len(made) < campaigns:
        goods = Selector(categories=tuple(f"c{n}" for n in dice.sample(range(DEPARTMENTS), 2)))
        stage: Stage = "item" if dice.random() < 0.5 else "basket"
        made += _tiers(dice, f"g{len(made)}", min(dice.randint(3, 5), campaigns - len(made)), stage, goods)
    held = [_coupon(dice, n, catalogue) for n in range(coupons)]
    wallet = [WalletCoupon(coupon=f"{each.id}-1", campaign=each.id) for each in held]
    return Case(_basket(dice, lines, catalogue), catalogue, made + held, wallet)


def percents(number: int, *, lines: int = 50) -> Case:
    """20 percent coupons in four groups."""
    dice = random.Random(SEED + number)
    catalogue = {f"{n:014d}": _goods(dice, f"{n:014d}") for n in range(PRODUCTS)}
    held = [
        Campaign(id=f"p{n:02d}", benefit=Percent(bp=dice.randint(3, 20) * 100), group=f"g{n % 4}", claim=True)
        for n in range(20)
    ]
    wallet = [WalletCoupon(coupon=f"{each.id}-1", campaign=each.id) for each in held]
    return Case(_basket(dice, lines, catalogue), catalogue, held, wallet)


def unrelated(number: int, *, lines: int = 50) -> Case:
    """20 offers of any kind on any goods that have nothing to do with each other."""
    dice = random.Random(SEED + number)
    catalogue = {f"{n:014d}": _goods(dice, f"{n:014d}") for n in range(PRODUCTS)}
    basket = _basket(dice, lines, catalogue)
    there = sorted({catalogue[line.gtin].category for line in basket.lines})
    made = []
    for n in range(20):
        goods = Selector(categories=tuple(dice.sample(there, dice.randint(1, len(there)))))
        stage: Stage = "item" if dice.random() < 0.4 else "basket"
        benefit = _benefit(dice, stage, dice.randint(1, 4))
        made.append(Campaign(id=f"u{n:02d}", benefit=benefit, stage=stage, when=Condition(goods=goods)))
    return Case(basket, catalogue, made, [])


def _goods(dice: random.Random, gtin: str, categories: int = CATEGORIES) -> Goods:
    return Goods(gtin=gtin, price=dice.randint(200, 9_900), category=f"c{dice.randrange(categories)}", tax_bp=1300)


def _basket(dice: random.Random, lines: int, catalogue: dict[str, Goods]) -> Basket:
    chosen = dice.sample(sorted(catalogue), lines)
    return Basket(
        id="bench",
        lines=tuple(
            Line(id=f"{n:02d}", gtin=gtin, quantity=dice.choice((1, 1, 1, 2, 3))) for n, gtin in enumerate(chosen)
        ),
    )


def _benefit(dice: random.Random, stage: Stage, step: int) -> Benefit:
    if stage == "item":
        return Nth(n=2, bp=dice.choice((3000, 5000, 10_000))) if dice.random() < 0.5 else Percent(bp=500 * step)
    return Off(amount=500 * step) if dice.random() < 0.6 else Percent(bp=300 * step)


def _group(dice: random.Random, name: str, size: int, catalogue: dict[str, Goods]) -> list[Campaign]:
    lot = dice.random()
    stage: Stage = "item" if lot < 0.62 or (lot < 0.95 and dice.random() < 0.5) else "basket"
    if lot < 0.62:
        goods = Selector(products=tuple(dice.sample(sorted(catalogue), dice.randint(1, 5))))
    elif lot < 0.95:
        goods = Selector(categories=(f"c{dice.randrange(CATEGORIES)}",))
    else:
        goods = Selector()
    return _tiers(dice, name, size, stage, goods)


def _tiers(dice: random.Random, name: str, size: int, stage: Stage, goods: Selector) -> list[Campaign]:
    tier = 10_000 if goods.everything else 2_000
    made = []
    for step in range(1, size + 1):
        when = Condition(goods=goods, min_spend=tier * step if stage == "basket" else 0)
        benefit = Off(amount=tier * step // 10) if goods.everything else _benefit(dice, stage, step)
        made.append(Campaign(id=f"{name}-{step}", benefit=benefit, stage=stage, group=name, when=when))
    return made


def _coupon(dice: random.Random, number: int, catalogue: dict[str, Goods]) -> Campaign:
    kind = ("goods", "category", "store")[number % 3]
    goods = {
        "goods": Selector(products=tuple(dice.sample(sorted(catalogue), 50))),
        "category": Selector(categories=tuple(f"c{n}" for n in dice.sample(range(CATEGORIES), 10))),
        "store": Selector(),
    }[kind]
    benefit: Benefit = Off(amount=dice.choice((300, 500, 1000))) if dice.random() < 0.6 else Percent(bp=500)
    when = Condition(goods=goods, min_spend=dice.choice((0, 3000, 10_000)))
    return Campaign(id=f"w{number}", benefit=benefit, group=f"coupon-{kind}", claim=True, when=when)
