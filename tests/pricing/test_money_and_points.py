"""Points, tax, weights and returns that were worked out by hand."""

from __future__ import annotations

from typing import Any, Final

import pytest

from pricing.allocation import half_up
from pricing.basket import Basket, Counters, Goods, Line, Member, WalletCoupon
from pricing.campaigns import Benefit, Budget, Bundle, Limits, Pairing, Part, Points, Selector
from pricing.offers import Offer, on_shelves, takes
from pricing.positions import Shelves, positions
from pricing.price import Burn, price
from pricing.quote import Quote
from pricing.returns import comes_back, returned, share
from tests.pricing.goods import (
    ALL,
    NOW_MS,
    at,
    basket,
    gift,
    item,
    less,
    off,
    offer,
    only,
    second_free,
    second_half,
    together,
)


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
        (-50, 0, 0, 1935, ""),
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


def test_goods_out_of_points_that_pay_what_others_owe_take_no_points_for_it() -> None:
    quote = _quote("300*2 200 S", offer("a", off(300), when={"min_spend": 800}))
    assert (quote.total, quote.points.will_earn) == (3000, 5)
    alone = {"00": 300, "01": 200, "02": 2500}
    back = returned(
        quote, [("01", 1), ("02", 1), ("00", 1)], 100, lambda left: sum(alone[each] * left[each] for each in left)
    )
    assert [each.money for each in back] == [0, 2400, 300]
    assert [each.earned for each in back] == [0, 0, 2], "a point for each 1.00 of the 3.00 that stay paid"


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


@pytest.mark.parametrize(
    ("line", "total"),
    [
        (Line(id="1", gtin="A", grams=1234), 1209),  # 12.0932
        (Line(id="1", gtin="A", grams=500), 490),
        (Line(id="1", gtin="A", grams=1000, label_price=1290), 980),
        (Line(id="1", gtin="A", label_price=640), 490),  # 500 g
        (Line(id="1", gtin="A", grams=333, quantity=2), 652),
    ],
)
def test_a_price_of_weighed_goods_is_that_of_a_kilogram(line: Line, total: int) -> None:
    catalogue = {"A": Goods(gtin="A", price=1280, per_kg=True)}
    offers = [item("a", at(980), Selector(products=("A",)))]
    assert price(Basket("b", (line,)), catalogue=catalogue, campaigns=offers, now_ms=NOW_MS).total == total


@pytest.mark.parametrize(
    ("text", "goods", "discount", "code"),
    [
        ("G", only("bag"), 0, "min_qty"),
        ("G", ALL, 0, "min_qty"),
        ("G*2", only("bag"), 990, ""),
        ("G D", ALL, 990, ""),
        ("G D", only("bag", "baby"), 990, ""),
    ],
)
def test_what_is_given_is_not_what_was_bought_for_it(text: str, goods: Selector, discount: int, code: str) -> None:
    quote = _quote(text, item("a", gift("bag"), goods))
    assert (quote.discount, [each.code for each in quote.not_used]) == (discount, [code] if code else [])


@pytest.mark.parametrize(
    ("benefit", "spent", "amounts", "total"),
    [
        (off(400), 0, [400, 100], 4500),
        (off(400), 100, [400], 4600),
        (less(20), 300, [200], 4800),
        (at(900, times=4), 0, [400, 100], 4500),
    ],
)
def test_coupons_of_one_campaign_share_its_budget(benefit: Benefit, spent: int, amounts: list[int], total: int) -> None:
    campaign = offer("a", benefit, claim=True, limits=Limits(per_order=3), budget=Budget(amount=500))
    lines, catalogue = basket("C*5")
    quote = price(
        lines, catalogue=catalogue, campaigns=[campaign], wallet=[WalletCoupon(name, "a") for name in ("x", "y", "z")],
        now_ms=NOW_MS, counters={"a": Counters(amount=spent)},
    )  # fmt: skip
    assert ([each.amount for each in quote.used], quote.total) == (amounts, total)
    assert {each.code for each in quote.not_used} == {"budget_gone"}


def test_what_a_campaign_gave_on_top_goes_with_the_goods_and_its_coupon_comes_back_with_the_last() -> None:
    lines, catalogue = basket("C*2 C")
    quote = price(
        lines, catalogue=catalogue, campaigns=[offer("a", Points(), claim=True)], wallet=[WalletCoupon("a#", "a")],
        member=Member(id="m"), now_ms=NOW_MS,
    )  # fmt: skip
    assert quote.points.will_earn == 60
    back = returned(quote, [("00", 1), ("01", 1), ("00", 1)], 100)
    assert [(each.earned, each.coupons) for each in back] == [(20, ()), (20, ()), (20, ("a#",))]


def test_what_a_campaign_gave_for_some_goods_goes_with_those_alone() -> None:
    """20 and 10 points, and for the last good three times as many: the others take none of them along."""
    quote = _quote("C*2 1000", offer("a", Points(bp=30_000), Selector(products=("011000",))))
    assert [line.bonus for line in quote.lines] == [0, 30]
    assert quote.points.will_earn == 60
    back = returned(quote, [("00", 1), ("01", 1), ("00", 1)], 100)
    assert [each.earned for each in back] == [10, 40, 10]


def test_of_more_points_that_do_not_go_together_the_most_are_given() -> None:
    quote = _quote(
        "M", offer("a", Points(), group="p"), offer("b", Points(bp=20_000), group="p"), offer("c", Points(0, 5))
    )
    assert [(each.campaign, each.points) for each in quote.used] == [("b", 25), ("c", 5)]
    assert [(each.campaign, each.code, each.by) for each in quote.not_used] == [("a", "group_taken", "b")]
    assert quote.points.will_earn == 12 + 25 + 5


@pytest.mark.parametrize("text", ["M", "50"])
def test_a_coupon_for_points_is_kept_where_money_pays_too_little_for_one(text: str) -> None:
    lines, catalogue = basket(text)
    free = [offer("free", less(100))] if text == "M" else []
    quote = price(
        lines, catalogue=catalogue, campaigns=[*free, offer("a", Points(), claim=True)],
        wallet=[WalletCoupon("a#", "a")], member=Member(id="m"), now_ms=NOW_MS,
    )  # fmt: skip
    assert [each.campaign for each in quote.used] == [each.id for each in free]
    assert [(each.coupon, each.code) for each in quote.not_used] == [("a#", "no_effect")]


def test_who_is_no_member_earns_nothing_and_takes_nothing_of_the_limit() -> None:
    lines, catalogue = basket("C*2")
    quote = price(lines, catalogue=catalogue, campaigns=[offer("a", Points())], now_ms=NOW_MS)
    assert (quote.used, [(each.campaign, each.code) for each in quote.not_used]) == ((), [("a", "member")])


@pytest.mark.parametrize(
    ("budget", "uses", "saved"), [(500, 1, 500 + 600), (1000, 1, 1000 + 600), (1700, 2, 1700 + 400)]
)
@pytest.mark.parametrize("pairing", ["dear", "cheap"])
def test_what_a_budget_leaves_of_a_group_offer_takes_no_more_units(
    budget: int, uses: int, saved: int, pairing: Pairing
) -> None:
    two = item("a", second_free(pairing=pairing), budget=Budget(amount=budget))
    quote = _quote("C*8", two, item("b", less(10)))
    assert [(each.campaign, each.uses) for each in quote.used] == [("a", uses), ("b", 8 - 2 * uses)]
    assert quote.discount == saved


@pytest.mark.parametrize(
    ("text", "total", "code"), [("Y M", 1500, ""), ("M Y", 1500, ""), ("M Y*2", 2150, ""), ("M", 1290, "min_qty")]
)
@pytest.mark.parametrize("kind_first", [True, False])
def test_a_good_that_a_part_of_a_bundle_names_is_of_no_other_part(
    text: str, total: int, code: str, kind_first: bool
) -> None:
    milk = next(gtin for gtin in basket(text)[1] if gtin.endswith("M"))
    parts = (Part(only("dairy")), Part(Selector(products=(milk,))))
    quote = _quote(text, item("a", Bundle(price=1500, parts=parts if kind_first else parts[::-1])))
    assert (quote.total, [each.code for each in quote.not_used]) == (total, [code] if code else [])


def test_a_coupon_of_a_campaign_that_applies_by_itself_by_now_is_said_and_adds_nothing() -> None:
    lines, catalogue = basket("C*2")
    kept = [WalletCoupon("x", "a"), WalletCoupon("y", "a", state="redeemed")]
    quote = price(lines, catalogue=catalogue, campaigns=[offer("a", off(300))], wallet=kept, now_ms=NOW_MS)
    assert (quote.total, [each.coupon for each in quote.used]) == (1700, [""])
    assert [(each.coupon, each.code) for each in quote.not_used] == [("x", "no_effect"), ("y", "coupon_used")]


_TWO_DAIRY: Final = (Part(only("dairy"), 2), Part(only("bakery")))


@pytest.mark.parametrize(
    ("price_", "budget", "saved"),
    [
        (3000, None, 940),  # (M M B) at 34.70, twice; (M Y B) at 28.30 is dearer together
        (2500, None, 2270),  # 9.70 twice and 3.30; (Y Y B) at 21.90 is dearer together
        (2500, 1500, 1500),  # 9.70 and what is left
    ],
)
def test_bundles_are_made_of_the_dearest_that_are_left(price_: int, budget: int | None, saved: int) -> None:
    bundle = item("a", Bundle(price=price_, parts=_TWO_DAIRY), budget=Budget(amount=budget))
    assert _quote("M*5 Y*4 B*6", bundle).discount == saved


def test_bundles_that_are_alike_are_reckoned_once_however_many() -> None:
    lines, catalogue = basket("M*999999 Y B*999999")
    shelves = Shelves(positions(lines, catalogue))
    bundles = on_shelves(Offer(item("a", together(1800, "dairy", "bakery"))), shelves)
    assert takes(bundles, shelves.units, shelves.counts) == [
        (0, 999_999, 225 * 999_999),
        (2, 999_999, 155 * 999_999),
    ]
