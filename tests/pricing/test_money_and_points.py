"""Points, tax, weights and returns that were worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pricing.allocation import half_up
from pricing.basket import Goods, Line, Member, WalletCoupon
from pricing.price import Burn, price
from pricing.quote import Quote
from pricing.returns import comes_back, earned_back, returned, share
from tests.pricing.goods import NOW_MS, basket, item, off, offer, second_half


def _quote(text: str, *offers: Any, points: int = 0, burn: Burn = 0) -> Quote:
    lines, catalogue = basket(text)
    return price(
        lines, catalogue=catalogue, campaigns=offers, now_ms=NOW_MS, member=Member(id="m", points=points), burn=burn
    )


@pytest.mark.parametrize(
    ("balance", "asked", "burned", "total", "code"),
    [
        (5000, "most", 900, 1035, ""),
        (350, "most", 300, 1635, ""),
        (5000, 0, 0, 1935, ""),
        (5000, 350, 300, 1635, "points_step"),
        (5000, 5000, 900, 1035, "points_cap"),
        (350, 400, 300, 1635, "points_balance"),
    ],
)
def test_points_pay_in_steps_up_to_the_cap(balance: int, asked: Burn, burned: int, total: int, code: str) -> None:
    quote = _quote("M*2", item("a", second_half()), points=balance, burn=asked)
    assert (quote.points.burned, quote.total, quote.points.code) == (burned, total, code)


def test_returns_give_back_the_share_of_their_line_in_any_order() -> None:
    quote = _quote("C C C", offer("a", off(1000)))
    assert [each.money for each in returned(quote, [("01", 1), ("00", 1), ("02", 1)], 100)] == [667, 666, 667]


def test_units_of_a_line_come_back_one_by_one() -> None:
    quote = _quote("T*3", offer("a", off(100)))
    assert [each.money for each in returned(quote, [("00", 1)] * 3, 100)] == [299, 300, 300]


def test_points_that_paid_come_back_and_points_that_were_earned_go() -> None:
    quote = _quote("M*2", item("a", second_half()), points=5000, burn="most")
    first, second = returned(quote, [("00", 1)] * 2, 100)
    assert (first.money, first.points, second.money, second.points) == (517, 450, 518, 450)
    assert (quote.points.will_earn, first.earned, second.earned) == (10, 5, 5)
    assert earned_back(1035, 517, 100) == 5


def test_a_coupon_comes_back_with_the_last_of_what_it_touched() -> None:
    lines, catalogue = basket("D N 501")
    quote = price(
        lines, catalogue=catalogue, campaigns=[offer("a", off(1000), when={"min_spend": 10_000}, claim=True)],
        wallet=[WalletCoupon("a#", "a")], member=Member(id="m"), now_ms=NOW_MS,
    )  # fmt: skip
    back = returned(quote, [("00", 1), ("01", 1), ("02", 1)], 100)
    assert [(each.money, each.coupons) for each in back] == [(6210, ()), (2339, ()), (451, ("a#",))]
    assert not comes_back(quote, "a#", {"00": 1})
    assert comes_back(quote, "a#", {"00": 1, "01": 1, "02": 1})


@pytest.mark.parametrize(("rate", "tax"), [(1300, 119), (900, 85)])
def test_tax_is_taken_out_of_what_is_paid(rate: int, tax: int) -> None:
    assert half_up(1035 * rate, 10_000 + rate) == tax


def test_a_weighed_bag_costs_its_grams_and_a_labelled_one_its_label() -> None:
    assert _quote("A333").total == 426
    lines, catalogue = basket("A1000")
    labelled = Line(id="00", gtin=lines.lines[0].gtin, grams=1000, label_price=1290)
    priced = price(
        type(lines)(id="b", lines=(labelled,)), catalogue=catalogue, campaigns=[offer("a", off(90))], now_ms=NOW_MS
    )
    assert (priced.shelf, priced.total) == (1290, 1200)


def test_the_catalogues_own_promotion_is_an_offer_like_any_other() -> None:
    catalogue = {"Y": Goods(gtin="Y", price=650, promo_price=600, promo_buy=3, promo_pay=2)}
    lines = type(basket("M")[0])(id="b", lines=(Line(id="1", gtin="Y", quantity=4),))
    quote = price(lines, catalogue=catalogue, campaigns=[], now_ms=NOW_MS)
    assert (quote.shelf, quote.total, [each.campaign for each in quote.used]) == (2400, 1800, ["promo:Y"])


def test_no_more_comes_back_than_there_is() -> None:
    with pytest.raises(ValueError, match="expected at most 1 of 2 units; found 2"):
        share(100, 2, 1, 2)
