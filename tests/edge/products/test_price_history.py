"""The last 90 days' price: what was asked, never what was only planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.products.price_history import DAY_MS, PriceHistory
from edge.products.product import Product, Promotion

if TYPE_CHECKING:
    from pathlib import Path

MILK = "06901234567892"
NOW = 1_790_000_000_000


def milk(price: int, promotion: Promotion | None = None) -> list[Product]:
    return [Product(gtin=MILK, name={"en": "Milk"}, price=price, promotion=promotion)]


def test_the_lowest_of_ninety_days_is_named_and_older_ones_are_forgotten(tmp_path: Path) -> None:
    prices = PriceHistory(tmp_path)
    assert prices.lowest(MILK, NOW) is None
    assert not prices.knows("one")
    assert prices.note("one", milk(1290), NOW) == 1
    assert [prices.knows(version) for version in ("one", "two")] == [True, False]
    assert prices.note("one", milk(1290), NOW + 1) == 0, "the same again is nothing new"
    prices.note("two", milk(990), NOW + 10 * DAY_MS)
    prices.note("three", milk(1390), NOW + 20 * DAY_MS)
    found = prices.lowest(MILK, NOW + 30 * DAY_MS)
    assert found is not None
    assert (found.price, found.at_ms, found.since_ms) == (990, NOW + 20 * DAY_MS, NOW)
    later = prices.lowest(MILK, NOW + 111 * DAY_MS)
    assert later is not None
    assert later.price == 1390


def test_a_promotion_counts_while_it_holds_and_one_taken_back_never_was(tmp_path: Path) -> None:
    prices = PriceHistory(tmp_path)
    begins, ends = NOW + 5 * DAY_MS, NOW + 8 * DAY_MS
    prices.note("one", milk(1290, Promotion(price=790, from_ms=begins, until_ms=ends)), NOW)
    before, after = prices.lowest(MILK, NOW + DAY_MS), prices.lowest(MILK, ends + DAY_MS)
    assert before is not None
    assert after is not None
    assert (before.price, after.price, after.at_ms) == (1290, 790, ends)
    prices.note("two", milk(1290), NOW + 2 * DAY_MS)
    gone = prices.lowest(MILK, ends + DAY_MS)
    assert gone is not None
    assert gone.price == 1290


def test_beside_a_reduction_stands_the_lowest_of_the_thirty_days_before_it(tmp_path: Path) -> None:
    prices = PriceHistory(tmp_path)
    prices.note("one", milk(1690), NOW)
    prices.note("two", milk(1490), NOW + 40 * DAY_MS)
    prices.note("three", milk(1690), NOW + 45 * DAY_MS)
    assert prices.before_reduction(MILK, 1290, NOW + 46 * DAY_MS) is None, "nothing is cheaper now"
    begins = NOW + 60 * DAY_MS
    prices.note("four", milk(1690, Promotion(price=1290, from_ms=begins, until_ms=begins + 9 * DAY_MS)), begins)
    found = prices.before_reduction(MILK, 1290, begins + 5 * DAY_MS)
    assert found is not None
    assert (found.price, found.since_ms) == (1490, begins - 30 * DAY_MS), "not the reduced price itself, and not 1690"
    prices.note("five", milk(1690), begins + 10 * DAY_MS)
    later = begins + 41 * DAY_MS
    prices.note("six", milk(1690, Promotion(price=1590, until_ms=later + DAY_MS)), later)
    again = prices.before_reduction(MILK, 1590, later)
    assert again is not None
    assert again.price == 1690, "the first reduction ended more than thirty days before the second"


def test_a_reduction_that_was_there_from_the_beginning_says_since_when_prices_are_known(tmp_path: Path) -> None:
    prices = PriceHistory(tmp_path)
    prices.note("one", milk(1690, Promotion(price=1290)), NOW)
    found = prices.before_reduction(MILK, 1290, NOW + DAY_MS)
    assert found is not None
    assert (found.price, found.since_ms) == (1690, NOW)
