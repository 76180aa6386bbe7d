"""The set of offers is the best one: held against trying all of them."""

from __future__ import annotations

import os

import pytest

from pricing.basket import Basket, Goods, Line
from pricing.campaigns import Benefit, Campaign, Condition, Off, Percent, Price, Selector, Stage
from pricing.price import price
from tests.pricing import brute
from tests.pricing.goods import NOW_MS
from tests.pricing.random_baskets import apart, both, case

_ROUNDS = 20_000 if os.environ.get("STOREKEEPER_ROUNDS") else 1_500
_PARTS = 15
_ONCE_WRONG = (9_423,)
"""Of those that are tried in the long run only."""


@pytest.mark.parametrize("part", range(_PARTS))
def test_no_other_set_saves_more(part: int) -> None:
    for seed in [*range(part, _ROUNDS, _PARTS), *_ONCE_WRONG[part : part + 1]]:
        given = case(seed)
        quote = price(
            given.basket, catalogue=given.catalogue, campaigns=given.campaigns, wallet=given.wallet, now_ms=NOW_MS
        )
        saved, names = brute.best(given.basket, given.catalogue, given.campaigns, given.wallet)
        found = sorted(each.coupon or each.campaign for each in quote.used)
        assert (seed, quote.discount, found) == (seed, saved, names)
        assert quote.exact


def test_of_sets_that_save_the_same_the_one_with_fewer_offers_is_taken() -> None:
    """A case of 14 offers in which one that gives a single unit may stay away."""
    given = case(60_051, lines=20, offers=14)
    quote = price(
        given.basket, catalogue=given.catalogue, campaigns=given.campaigns, wallet=given.wallet, now_ms=NOW_MS
    )
    assert sorted(each.coupon or each.campaign for each in quote.used) == ["o10#", "o11#", "o2", "o5#", "o7", "o8"]
    assert (quote.discount, quote.exact) == (10_820, True)


@pytest.mark.parametrize("part", range(_PARTS))
def test_offers_that_have_nothing_to_do_with_each_other_are_each_as_if_by_themselves(part: int) -> None:
    """No set of all saves more; of sets that save the same each takes its own."""
    for seed in range(part, _ROUNDS // 3, _PARTS):
        halves = apart(seed)
        given = both(*halves)
        quote = price(
            given.basket, catalogue=given.catalogue, campaigns=given.campaigns, wallet=given.wallet, now_ms=NOW_MS
        )
        found = sorted(each.coupon or each.campaign for each in quote.used)
        alone = [brute.best(each.basket, each.catalogue, each.campaigns, each.wallet) for each in halves]
        names = sorted(name for _, some in alone for name in some)
        saved, _ = brute.best(given.basket, given.catalogue, given.campaigns, given.wallet)
        assert (seed, quote.discount, found, quote.exact) == (seed, saved, names, True)


def test_of_hundreds_that_go_together_the_best_set_is_found_where_they_are_of_different_goods() -> None:
    """Worked-out case 49 for each of 150 goods: 9.00 off leaves 6.00 out, and 5.00 with 6.00 are more."""
    catalogue = {f"g{number:03}": Goods(gtin=f"g{number:03}", price=1_000) for number in range(150)}
    lines = tuple(Line(id=gtin, gtin=gtin, quantity=3) for gtin in catalogue)
    given = []
    for gtin in catalogue:
        when = Condition(goods=Selector(products=(gtin,)), min_spend=3_000)
        a, c = f"{gtin}-a", f"{gtin}-c"
        given += [
            Campaign(id=a, benefit=Off(900), when=when, group=gtin, excludes=(c,)),
            Campaign(id=f"{gtin}-b", benefit=Off(500), when=when, group=gtin),
            Campaign(id=c, benefit=Off(600), when=when),
        ]
    quote = price(Basket(id="b", lines=lines), catalogue=catalogue, campaigns=given, now_ms=NOW_MS)
    assert (quote.discount, quote.exact, quote.bound) == (150 * 1_100, True, 0)
    assert {each.campaign[-1] for each in quote.used} == {"b", "c"}
    assert {(each.campaign[-1], each.code, each.short) for each in quote.not_used} == {("a", "group_taken", 200)}


def test_of_hundreds_that_go_together_most_are_taken_and_the_bound_says_what_the_others_could_save() -> None:
    given = [Campaign(id=f"c{number:03}", benefit=Off(100)) for number in range(600)]
    basket = Basket(id="b", lines=(Line(id="1", gtin="C", quantity=1),))
    quote = price(basket, catalogue={"C": Goods(gtin="C", price=1_000_000)}, campaigns=given, now_ms=NOW_MS)
    assert [each.campaign for each in quote.used] == [each.id for each in given[:400]]
    assert {each.code for each in quote.not_used} == {"not_considered"}
    assert (quote.discount, quote.exact) == (40_000, False)
    assert 20_000 <= quote.bound < 21_000


def test_of_a_large_basket_each_good_has_its_own_offer() -> None:
    lines = [Line(id=f"{number}", gtin=f"g{number}", quantity=1) for number in range(300)]
    catalogue = {line.gtin: Goods(gtin=line.gtin, price=1_000) for line in lines}
    given = [
        Campaign(id=line.gtin, benefit=Off(100), when=Condition(goods=Selector(products=(line.gtin,))))
        for line in lines
    ]
    quote = price(Basket(id="b", lines=tuple(lines)), catalogue=catalogue, campaigns=given, now_ms=NOW_MS)
    assert (quote.discount, len(quote.used)) == (30_000, 300)


@pytest.mark.parametrize(
    ("benefit", "stage"), [(Percent(900), "basket"), (Percent(900), "item"), (Price(100, times=1), "item")]
)
def test_the_best_of_thousands_is_found_wherever_it_stands(benefit: Benefit, stage: Stage) -> None:
    rest = [Campaign(id=f"c{number:04}", benefit=benefit, stage=stage, group="g") for number in range(3_000)]
    best = Campaign(id="c1500-best", benefit=Off(600_000), group="g")
    basket = Basket(id="b", lines=(Line(id="1", gtin="C", quantity=2),))
    goods = {"C": Goods(gtin="C", price=500_000)}
    quote = price(basket, catalogue=goods, campaigns=[*rest, best], now_ms=NOW_MS)
    assert [each.campaign for each in quote.used] == ["c1500-best"]
    assert {each.code for each in quote.not_used} <= {"not_considered", "group_taken"}
