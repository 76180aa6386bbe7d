"""Baskets and offers by chance: few prices and thresholds, so that ties and near misses come often."""

from __future__ import annotations

import random
from typing import NamedTuple

from msgspec.structs import replace

from pricing.basket import Basket, Goods, Line, WalletCoupon
from pricing.campaigns import Benefit, Bundle, Campaign, Condition, Gift, Nth, Off, Part, Percent, Price, Selector
from tests.pricing.goods import day

CATEGORIES = ("dairy", "bakery", "drinks")


class Case(NamedTuple):
    basket: Basket
    catalogue: dict[str, Goods]
    campaigns: list[Campaign]
    wallet: list[WalletCoupon]


def case(seed: int, lines: int = 7, offers: int = 9) -> Case:
    """The case of that seed."""
    dice = random.Random(seed)
    catalogue = {f"{n:02d}": _goods(dice, f"{n:02d}") for n in range(lines)}
    basket = Basket(id="b", lines=tuple(_line(dice, n, catalogue) for n in range(dice.randint(1, lines))))
    campaigns = [_campaign(dice, f"o{n}") for n in range(dice.randint(1, offers))]
    wallet = [
        WalletCoupon(coupon=f"{each.id}#", campaign=each.id, until_ms=dice.choice((None, day(1), day(2))))
        for each in campaigns
        if each.claim
    ]
    return Case(basket, catalogue, campaigns, wallet)


def apart(seed: int) -> tuple[Case, Case]:
    """Two cases whose goods and offers have nothing to do with each other."""
    return _renamed(case(2 * seed, lines=4, offers=5), "x"), _renamed(case(2 * seed + 1, lines=4, offers=5), "y")


def both(one: Case, other: Case) -> Case:
    """The two in one basket."""
    return Case(
        Basket(id="b", lines=one.basket.lines + other.basket.lines),
        one.catalogue | other.catalogue,
        one.campaigns + other.campaigns,
        one.wallet + other.wallet,
    )


def _renamed(given: Case, name: str) -> Case:
    """The case with names of its own for everything; what meant all goods means all of its own."""
    lines = tuple(replace(line, id=name + line.id, gtin=name + line.gtin) for line in given.basket.lines)
    goods = (replace(each, gtin=name + each.gtin, category=name + each.category) for each in given.catalogue.values())
    return Case(
        Basket(id="b", lines=lines),
        {each.gtin: each for each in goods},
        [_own(each, name) for each in given.campaigns],
        [replace(each, coupon=name + each.coupon, campaign=name + each.campaign) for each in given.wallet],
    )


def _own(campaign: Campaign, name: str) -> Campaign:
    def own(goods: Selector) -> Selector:
        return Selector(categories=tuple(name + each for each in goods.categories or CATEGORIES))

    when, benefit = campaign.when, campaign.benefit
    if isinstance(benefit, Gift):
        benefit = replace(benefit, goods=own(benefit.goods))
    elif isinstance(benefit, Bundle):
        benefit = replace(benefit, parts=tuple(replace(part, goods=own(part.goods)) for part in benefit.parts))
    return replace(
        campaign,
        id=name + campaign.id,
        benefit=benefit,
        when=replace(when, goods=own(when.goods), spend_of=when.spend_of and own(when.spend_of)),
        group=campaign.group and name + campaign.group,
        excludes=tuple(name + each for each in campaign.excludes),
        alone=False,
    )


def _goods(dice: random.Random, gtin: str) -> Goods:
    price = dice.choice((1, 10, 333, 333, 650, 890, 1000, 1290, 2599))
    return Goods(
        gtin=gtin, price=price, category=dice.choice(CATEGORIES), no_offers=dice.random() < 0.05,
        per_kg=dice.random() < 0.15,
    )  # fmt: skip


def _line(dice: random.Random, number: int, catalogue: dict[str, Goods]) -> Line:
    gtin = f"{dice.randrange(len(catalogue)):02d}"
    if catalogue[gtin].per_kg:
        return Line(id=f"l{number}", gtin=gtin, grams=dice.randint(50, 2000))
    return Line(id=f"l{number}", gtin=gtin, quantity=dice.choice((1, 1, 1, 2, 3)))


def _some(dice: random.Random) -> Selector:
    if dice.random() < 0.5:
        return Selector()
    return Selector(categories=tuple(dice.sample(CATEGORIES, dice.randint(1, 2))))


def _benefit(dice: random.Random) -> Benefit:  # noqa: PLR0911 - one for each kind
    times = dice.choice((0, 0, 1, 2))
    match dice.randrange(9):
        case 0 | 1:
            return Off(amount=dice.choice((100, 200, 300, 500)))
        case 2:
            return Off(amount=100, per=dice.choice((500, 1000)), times=times)
        case 3 | 4:
            return Percent(bp=dice.choice((500, 1000, 1500, 2000, 3333)), most=dice.choice((0, 0, 250)))
        case 5 | 6:
            n = dice.choice((2, 2, 3))
            pairing = dice.choice(("dear", "dear", "cheap"))
            return Nth(n=n, bp=dice.choice((5000, 10_000)), count=1, times=times, pairing=pairing)  # type: ignore[arg-type]
        case 7:
            return Price(amount=dice.choice((100, 500)), times=times)
        case _:
            first, second = dice.sample(CATEGORIES, 2)
            parts = (Part(goods=Selector(categories=(first,))), Part(goods=Selector(categories=(second,)), count=1))
            if dice.random() < 0.3:
                return Gift(goods=Selector(categories=(first,)), count=dice.choice((1, 2)))
            return Bundle(price=dice.choice((500, 1200)), parts=parts, times=times)


def _campaign(dice: random.Random, name: str) -> Campaign:
    benefit = _benefit(dice)
    item = dice.random() < 0.3 and not (isinstance(benefit, Off) and benefit.per)
    item = item and not (isinstance(benefit, Percent) and benefit.most)
    spend_of = _some(dice) if dice.random() < 0.2 or isinstance(benefit, Gift) else None
    if isinstance(benefit, Gift):
        spend_of = Selector(categories=CATEGORIES)
    return Campaign(
        id=name,
        benefit=benefit,
        when=Condition(
            goods=Selector() if isinstance(benefit, Gift) else _some(dice),
            spend_of=spend_of,
            min_spend=dice.choice((0, 0, 1000, 3000)),
            min_qty=dice.choice((0, 0, 0, 2, 4)),
        ),
        stage="item" if item else "basket",
        priority=dice.choice((0, 0, 1)),
        group=dice.choice(("", "", "g1", "g2")),
        excludes=tuple({dice.choice(("g1", "g2", "o0", "o1"))} - {name}) if dice.random() < 0.2 else (),
        alone=dice.random() < 0.08,
        claim=dice.random() < 0.3,
    )
