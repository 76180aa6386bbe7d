"""The last 90 days' price: what was asked, never what was only planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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


def test_a_file_that_is_just_being_made_has_no_prices_yet(tmp_path: Path) -> None:
    """A page asked between the file and its tables."""
    (tmp_path / "prices.db").touch()
    prices = PriceHistory(tmp_path)
    assert prices.lowest(MILK, NOW) is None
    assert prices.before_reduction(MILK, 990, NOW) is None
    assert prices.note("one", milk(1290), NOW) == 1


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


def test_a_promotion_that_is_cut_short_ends_when_the_new_version_says(tmp_path: Path) -> None:
    prices = PriceHistory(tmp_path)
    prices.note("one", milk(1690, Promotion(price=1290, until_ms=NOW + 30 * DAY_MS)), NOW)
    prices.note("two", milk(1690, Promotion(price=1290, until_ms=NOW + 10 * DAY_MS)), NOW + 5 * DAY_MS)
    found = prices.lowest(MILK, NOW + 20 * DAY_MS)
    assert found is not None
    assert (found.price, found.at_ms) == (1290, NOW + 10 * DAY_MS)
    assert prices.before_reduction(MILK, 1290, NOW + 20 * DAY_MS) is None, "nothing is cheaper any more"


def test_a_promotion_that_is_put_off_has_not_begun_before(tmp_path: Path) -> None:
    prices = PriceHistory(tmp_path)
    ends = NOW + 60 * DAY_MS
    prices.note("one", milk(1690, Promotion(price=1290, from_ms=NOW + 10 * DAY_MS, until_ms=ends)), NOW)
    prices.note("two", milk(1690, Promotion(price=1290, from_ms=NOW + 50 * DAY_MS, until_ms=ends)), NOW + DAY_MS)
    found = prices.lowest(MILK, NOW + 20 * DAY_MS)
    assert found is not None
    assert found.price == 1690
    assert prices.before_reduction(MILK, 1290, NOW + 20 * DAY_MS) is None
    assert prices.before_reduction(MILK, 1290, NOW + 55 * DAY_MS) is not None


def test_a_promotion_that_was_over_before_it_came_was_no_price_here(tmp_path: Path) -> None:
    prices = PriceHistory(tmp_path)
    prices.note("one", milk(1690, Promotion(price=1290, until_ms=NOW - DAY_MS)), NOW)
    found = prices.lowest(MILK, NOW + DAY_MS)
    assert found is not None
    assert found.price == 1690


def test_an_open_promotion_that_every_version_has_stays_one_reduction(tmp_path: Path) -> None:
    prices = PriceHistory(tmp_path)
    prices.note("zero", milk(1490), NOW)
    prices.note("one", milk(1690, Promotion(price=1290)), NOW + 10 * DAY_MS)
    for day in range(11, 150, 10):
        assert prices.note(f"{day}", milk(1690, Promotion(price=1290)), NOW + day * DAY_MS) == 0
    found = prices.before_reduction(MILK, 1290, NOW + 141 * DAY_MS)
    assert found is not None
    assert (found.price, found.at_ms) == (1490, NOW + 10 * DAY_MS), "the price before it began"


def test_an_open_promotion_holds_however_long_no_version_comes(tmp_path: Path) -> None:
    prices = PriceHistory(tmp_path)
    prices.note("zero", milk(1490), NOW)
    prices.note("one", milk(1690, Promotion(price=1290)), NOW + 10 * DAY_MS)
    late = NOW + 200 * DAY_MS
    found, before = prices.lowest(MILK, late), prices.before_reduction(MILK, 1290, late)
    assert found is not None
    assert before is not None
    assert (found.price, found.at_ms, before.price) == (1290, late, 1490)
    prices.note("two", milk(1690), late)
    assert prices.before_reduction(MILK, 1290, late + 1) is None


def test_a_version_that_comes_back_is_taken_down_again(tmp_path: Path) -> None:
    prices = PriceHistory(tmp_path)
    prices.note("one", milk(1290), NOW)
    prices.note("two", milk(990), NOW + DAY_MS)
    assert [prices.knows(version) for version in ("one", "two")] == [False, True]
    prices.note("one", milk(1290), NOW + 2 * DAY_MS)
    assert [prices.knows(version) for version in ("one", "two")] == [True, False]


@pytest.mark.parametrize("without", [[], [Product(gtin=MILK, name={"en": "Milk"})]])
def test_what_is_not_sold_for_a_while_costs_nothing_meanwhile(tmp_path: Path, without: list[Product]) -> None:
    prices = PriceHistory(tmp_path)
    planned = Promotion(price=790, from_ms=NOW + 12 * DAY_MS, until_ms=NOW + 15 * DAY_MS)
    prices.note("one", milk(990, planned), NOW)
    prices.note("two", without, NOW + 10 * DAY_MS)
    prices.note("three", milk(1290), NOW + 50 * DAY_MS)
    found = prices.lowest(MILK, NOW + 60 * DAY_MS)
    assert found is not None
    assert (found.price, found.at_ms) == (990, NOW + 10 * DAY_MS)
    reduced = NOW + 70 * DAY_MS
    prices.note("four", milk(1290, Promotion(price=1190)), reduced)
    before = prices.before_reduction(MILK, 1190, reduced)
    assert before is not None
    assert before.price == 1290
