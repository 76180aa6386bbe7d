"""A price is shown again until something that it depends on changes, or may have changed by the clock."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from edge.gateway.price_cache import PriceCache
from edge.gateway.pricing import Inputs, compute
from pricing.basket import Basket, Counters, Goods, Line, Member, Place, WalletCoupon
from pricing.campaigns import Budget, Campaign, Condition, Limits, Off
from pricing.rulebook import Rulebook

NOON = 1_767_254_400_000
LATER = NOON + 20_000
MILK = Goods(gtin="06901234567892", price=1290)


def inputs(**more: Any) -> Inputs:
    lines = (Line("l1", MILK.gtin, 2),)
    of = Inputs(basket=Basket("b", lines), catalogue={MILK.gtin: MILK}, rulebook=BOOK, now_ms=NOON)
    return msgspec.structs.replace(of, **more)


BOOK = Rulebook([
    Campaign(id="off", benefit=Off(200), when=Condition(until_ms=NOON + 30_000)),
    Campaign(id="soon", benefit=Off(300), when=Condition(from_ms=NOON + 50_000)),
])  # fmt: skip
COUPON = WalletCoupon("c1", "coupon", until_ms=NOON + 10_000)


def shown(*asked: Inputs) -> list[int]:
    """The instants of which prices were shown, one after the other."""
    prices = PriceCache(compute)
    found = [prices.of(each) for each in asked]
    assert all(quote.total == compute(each).total for quote, each in zip(found, asked, strict=True))
    return [quote.as_of_ms for quote in found]


def test_what_has_not_changed_is_not_computed_again() -> None:
    assert shown(inputs(), inputs(now_ms=LATER), inputs(now_ms=LATER + 1)) == [NOON, NOON, NOON]


@pytest.mark.parametrize(
    "then",
    [
        {"basket": Basket("b", (Line("l1", MILK.gtin, 3),), revision=1)},
        {"catalogue": {MILK.gtin: msgspec.structs.replace(MILK, price=1490)}},
        {"rulebook": Rulebook([Campaign(id="off", benefit=Off(100))])},
        {"place": Place(zone="baby")},
        {"without": ("off",)},
        {"member": Member("anna")},
        {"now_ms": NOON + 30_000},
        {"now_ms": NOON + 50_000},
        {"now_ms": NOON + 60_000},
        {"now_ms": NOON - 1},
    ],
)
def test_whatever_may_change_it_has_it_computed_anew(then: dict[str, Any]) -> None:
    changed = inputs(**{"now_ms": LATER, **then})
    assert shown(inputs(), changed) == [NOON, changed.now_ms]


def test_a_coupons_end_and_what_was_bought_days_ago_are_looked_at() -> None:
    held = {"wallet": (COUPON,)}
    assert shown(inputs(**held), inputs(**held, now_ms=NOON + 9_999)) == [NOON, NOON]
    assert shown(inputs(**held), inputs(**held, now_ms=LATER)) == [NOON, LATER]
    bought = {"member": Member("anna", bought={MILK.gtin: NOON - 1})}
    assert shown(inputs(**bought), inputs(**bought, now_ms=LATER)) == [NOON, LATER]


def test_what_others_have_used_matters_where_little_is_left() -> None:
    plenty = Campaign(id="off", benefit=Off(200), budget=Budget(uses=10_000_000, amount=10_000_000_000))
    few = Campaign(id="few", benefit=Off(300), limits=Limits(per_store_day=20), when=Condition(min_spend=2600))
    book = {"rulebook": Rulebook([few, plenty])}
    used = {"off": Counters(uses=5, amount=1000)}
    assert shown(inputs(**book), inputs(**book, counters=used, now_ms=LATER)) == [NOON, NOON]
    nearly = {"off": Counters(uses=9_999_999, amount=1000)}
    assert shown(inputs(**book), inputs(**book, counters=nearly, now_ms=LATER)) == [NOON, LATER]
    day = {"few": Counters(store_day=1)}
    assert shown(inputs(**book), inputs(**book, counters=day, now_ms=LATER)) == [NOON, LATER]
    offline = {"off": Counters(offline=True)}
    assert shown(inputs(**book), inputs(**book, counters=offline, now_ms=LATER)) == [NOON, LATER]


def test_only_so_many_are_kept() -> None:
    prices = PriceCache(compute)
    first = prices.of(inputs())
    for number in range(500):
        prices.of(inputs(basket=Basket(str(number), (Line("l1", MILK.gtin),))))
    again = prices.of(inputs(now_ms=LATER))
    assert (first.as_of_ms, again.as_of_ms) == (NOON, LATER)
