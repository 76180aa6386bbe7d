"""Prices by trying every set of offers, unit by unit, with fractions: slow, plain, and nothing of the engine in it."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import floor
from typing import Any

from pricing.basket import Basket, Goods, WalletCoupon
from pricing.campaigns import Bundle, Campaign, Gift, Nth, Off, Percent, Price, Selector

Deal = tuple[Campaign, WalletCoupon | None]


def rounded(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


class Unit:
    def __init__(self, gtin: str, goods: Goods, price: int, kilos: Fraction) -> None:
        self.gtin, self.goods, self.price, self.left, self.taken = gtin, goods, price, price, False
        self.kilos = kilos
        """How many kilograms, or pieces, it is."""


def units_of(basket: Basket, catalogue: dict[str, Goods]) -> list[Unit]:
    found = []
    for line in sorted(basket.lines, key=lambda line: (line.gtin, line.id)):
        goods = catalogue[line.gtin]
        kilos = Fraction(1) if line.grams is None else Fraction(line.grams, 1000)
        price = rounded(goods.price * kilos)
        name = line.gtin if line.grams is None else f"{line.gtin}/{line.id}"
        found += [Unit(name, goods, price, kilos) for _ in range(line.quantity)]
    return found


def means(selector: Selector, goods: Goods) -> bool:
    if goods.no_offers:
        return False
    if not (selector.products or selector.categories or selector.brands):
        return True
    return goods.gtin in selector.products or goods.category in selector.categories or goods.brand in selector.brands


def cut(unit: Unit, to: int) -> int:
    saved = unit.left - to
    unit.left = to
    return saved


def of_item(campaign: Campaign, units: list[Unit]) -> int:
    benefit = campaign.benefit
    open_ = [unit for unit in units if not unit.taken and means(campaign.when.goods, unit.goods)]
    dear = sorted(open_, key=lambda unit: (-unit.price, unit.gtin))
    if isinstance(benefit, Bundle):
        return of_bundle(benefit, dear)
    if isinstance(benefit, Nth):
        return of_nth(benefit, dear)
    times = getattr(benefit, "times", 0) or len(units)
    if isinstance(benefit, Gift):
        dear = [unit for unit in sorted(units, key=lambda u: (-u.price, u.gtin)) if means(benefit.goods, unit.goods)]
        bought = [unit for unit in units if means(campaign.when.goods, unit.goods)]
        times = benefit.count
        if all(means(benefit.goods, unit.goods) for unit in bought):
            times = min(times, len(bought) - 1)  # one of them is the one that is bought
        dear = [unit for unit in dear if not unit.taken]
    saved = 0
    for unit in dear:
        to = after(benefit, unit)
        if times > 0 and to < unit.price:
            unit.taken, times, saved = True, times - 1, saved + cut(unit, to)
    return saved


def after(benefit: object, unit: Unit) -> int:
    if isinstance(benefit, Off):
        return unit.price - min(unit.price, benefit.amount)
    if isinstance(benefit, Percent):
        return unit.price - rounded(Fraction(unit.price * benefit.bp, 10_000))
    return min(unit.price, rounded(benefit.amount * unit.kilos)) if isinstance(benefit, Price) else 0


def of_nth(benefit: Nth, dear: list[Unit]) -> int:
    row = dear if benefit.pairing == "dear" else dear[::-1]
    groups = min(len(row) // benefit.n, benefit.times or len(row))
    plan: list[tuple[Unit, int]] = []
    for number in range(groups):
        group = row[number * benefit.n : (number + 1) * benefit.n]
        cheap = group[-benefit.count :] if benefit.pairing == "dear" else group[: benefit.count]
        for unit in group:
            share = rounded(Fraction(unit.price * benefit.bp, 10_000)) if any(unit is each for each in cheap) else 0
            plan.append((unit, unit.price - share))
    if not any(to < unit.price for unit, to in plan):
        return 0
    saved = 0
    for unit, to in plan:
        unit.taken = True
        saved += cut(unit, to)
    return saved


def of_bundle(benefit: Bundle, dear: list[Unit]) -> int:
    rows: list[list[Unit]] = []
    for part in benefit.parts:
        earlier = [unit for row in rows for unit in row]
        rows.append([unit for unit in dear if means(part.goods, unit.goods) and not any(unit is e for e in earlier)])
    saved = 0
    for number in range(benefit.times or len(dear)):
        parts = [
            row[number * part.count : (number + 1) * part.count] for row, part in zip(rows, benefit.parts, strict=True)
        ]
        if any(len(row) < part.count for row, part in zip(parts, benefit.parts, strict=True)):
            break
        inside = [unit for row in parts for unit in row]
        money = sum(unit.price for unit in inside) - benefit.price
        if money <= 0:
            break
        share_out(money, inside)
        saved += money
        for unit in inside:
            unit.taken = True
    return saved


def share_out(money: int, units: list[Unit]) -> None:
    """By position: the largest remainder, then the heavier, then the first by GTIN and price."""
    rows: dict[Any, list[Unit]] = {}
    for unit in units:
        rows.setdefault((unit.goods.gtin, unit.price, unit.gtin), []).append(unit)
    order = sorted(rows)
    weights = [sum(unit.left for unit in rows[name]) for name in order]
    exact = [Fraction(money * weight, sum(weights)) for weight in weights]
    shares = [floor(each) for each in exact]
    missing = money - sum(shares)
    places = range(len(order))
    for place in sorted(places, key=lambda n: (-(exact[n] - shares[n]), -weights[n], n))[:missing]:
        shares[place] += 1
    for name, share in zip(order, shares, strict=True):
        rest = share
        for unit in rows[name]:
            part = min(rest, unit.left)
            unit.left, rest = unit.left - part, rest - part


def of_basket(campaign: Campaign, coupon: WalletCoupon | None, units: list[Unit]) -> int:
    benefit = campaign.benefit
    inside = [unit for unit in units if means(campaign.when.goods, unit.goods)]
    base = sum(unit.left for unit in inside)
    if isinstance(benefit, Percent):
        money = min(rounded(Fraction(base * benefit.bp, 10_000)), benefit.most or base)
    else:
        assert isinstance(benefit, Off)
        times = spend(campaign, units) // benefit.per if benefit.per else 1
        whole = benefit.amount * (min(times, benefit.times) if benefit.times else times)
        money = min(whole, base)
        if coupon and 2 * money < whole:
            return 0
    if money:
        share_out(money, inside)
    return money


def spend(campaign: Campaign, units: list[Unit]) -> int:
    scope = campaign.when.spend_of or campaign.when.goods
    return sum(unit.price for unit in units if means(scope, unit.goods))


def holds(campaign: Campaign, units: list[Unit]) -> bool:
    scope = campaign.when.spend_of or campaign.when.goods
    count = sum(1 for unit in units if means(scope, unit.goods))
    return spend(campaign, units) >= campaign.when.min_spend and count >= campaign.when.min_qty


def together(one: Campaign, other: Campaign) -> bool:
    if one.id == other.id or one.alone or other.alone or (one.group and one.group == other.group):
        return False
    return not any(a.id in b.excludes or (a.group and a.group in b.excludes) for a, b in ((one, other), (other, one)))


def by_items(campaign: Campaign) -> bool:
    return campaign.stage == "item" or not isinstance(campaign.benefit, Off | Percent)


def name(deal: Deal) -> str:
    return deal[1].coupon if deal[1] else deal[0].id


def reckon(deals: tuple[Deal, ...], basket: Basket, catalogue: dict[str, Goods]) -> tuple[int, tuple[Deal, ...]]:
    units = units_of(basket, catalogue)
    saved, real = 0, []
    for campaign, coupon in sorted(
        deals, key=lambda d: (not by_items(d[0]), -d[0].priority, not d[0].group, d[0].group, d[0].id, name(d))
    ):
        money = of_item(campaign, units) if by_items(campaign) else of_basket(campaign, coupon, units)
        saved += money
        real += [(campaign, coupon)] if money else []
    return saved, tuple(real)


def best(
    basket: Basket, catalogue: dict[str, Goods], campaigns: list[Campaign], wallet: list[WalletCoupon]
) -> tuple[int, list[str]]:
    """What the best of all sets saves, and its names."""
    units = units_of(basket, catalogue)
    coupons = {coupon.campaign: coupon for coupon in wallet}
    deals: list[Deal] = [
        (each, coupons.get(each.id))
        for each in campaigns
        if holds(each, units) and (not each.claim or each.id in coupons)
    ]
    found = []
    for size in range(len(deals) + 1):
        for chosen in combinations(deals, size):
            if all(together(a[0], b[0]) for a, b in combinations(chosen, 2)):
                saved, real = reckon(chosen, basket, catalogue)
                held = [coupon for _, coupon in real if coupon]
                ends = sorted(coupon.until_ms or 1 << 60 for coupon in held)
                found.append((-saved, len(held), ends, sorted(name(deal) for deal in real)))
    saved, _, _, names = min(found)
    return -saved, names
