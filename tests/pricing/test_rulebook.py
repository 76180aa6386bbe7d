"""A rulebook looks at fewer campaigns, and says the same."""

from __future__ import annotations

import msgspec

from pricing.campaigns import Campaign, Condition, Gift, Limits, Nth, Off, Selector
from pricing.missing import missing
from pricing.positions import Shelves, positions
from pricing.rulebook import Rulebook
from tests.pricing.goods import NOW_MS, basket, day
from tests.pricing.random_baskets import case

TEA = Selector(categories=("tea",))
DAIRY = Selector(categories=("dairy",))


def campaign(name: str, goods: Selector = TEA, **more: object) -> Campaign:
    return msgspec.structs.replace(Campaign(id=name, benefit=Off(100), when=Condition(goods=goods)), **more)


def looked_at(*campaigns: Campaign, named: tuple[str, ...] = (), at_ms: int = NOW_MS) -> list[str]:
    shelves = Shelves(positions(*basket("M Y*2")))
    found, absent = Rulebook(campaigns).about(shelves, at_ms, named)
    assert sorted(each.id for each in campaigns) == sorted(
        [*(each.id for each in found), *(no.campaign for no in absent)]
    )
    return sorted(each.id for each in found)


def test_only_those_whose_goods_are_there_or_that_something_else_decides_on_are_looked_at() -> None:
    found = looked_at(
        campaign("tea"),
        campaign("dairy", DAIRY),
        campaign("all", Selector()),
        campaign("limited", limits=Limits(per_store_day=1)),
        campaign("member", when=Condition(goods=TEA, member=True)),
        campaign("for dairy", when=Condition(goods=TEA, spend_of=DAIRY, min_spend=100)),
        campaign("gift", benefit=Gift(goods=TEA)),
        campaign("nth", benefit=Nth(n=2)),
        campaign("coupon", DAIRY, claim=True),
    )
    assert found == ["all", "dairy", "for dairy", "gift", "limited", "member"]


def test_a_coupon_that_is_held_and_what_was_left_out_are_looked_at() -> None:
    assert looked_at(campaign("tea"), campaign("coupon", claim=True), named=("coupon", "tea")) == ["coupon", "tea"]


def test_outside_of_its_dates_it_is_the_dates_that_are_named() -> None:
    dated = campaign("dated", when=Condition(goods=TEA, from_ms=day(2), until_ms=day(3)))
    assert looked_at(dated, at_ms=day(2)) == []
    assert looked_at(dated, at_ms=day(2) - 1) == looked_at(dated, at_ms=day(3)) == ["dated"]


def test_what_is_not_looked_at_lacks_what_it_is_said_to_lack() -> None:
    told = 0
    for seed in range(300):
        given = case(seed)
        shelves = Shelves(positions(given.basket, given.catalogue))
        known = {each.id: each for each in given.campaigns}
        _, absent = Rulebook(given.campaigns).about(shelves, NOW_MS, [each.campaign for each in given.wallet])
        for no in absent:
            told += 1
            assert no == missing(known[no.campaign], shelves)
    assert told > 20
