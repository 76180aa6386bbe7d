"""Whole documents whose numbers were worked out on paper: kinds of offers, taxes, points and returns together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pricing.document import answer
from pricing.reading import read
from tests.pricing.goods import PRICES

_TAX = {"dairy": 900, "bag": 600, "fruit": 900}

_GIFT = {
    "id": "gift",
    "benefit": {"kind": "gift", "goods": {"categories": ["bag"]}},
    "when": {"spend_of": {"categories": ["baby"]}, "min_spend": 5000},
}
_PER = {
    "id": "per",
    "benefit": {"kind": "off", "amount": 1000, "per": 10_000},
    "when": {"goods": {"categories": ["baby"]}},
}
_HALF = {"kind": "nth", "n": 2, "bp": 5000}
_ALL_BACK = [{"line": "F", "units": 1}, {"line": "D", "units": 1}, {"line": "G", "units": 1}]


def _answer(goods: str, campaigns: list[dict[str, Any]], **more: Any) -> Any:
    """`M*2 Y`: a letter is a good of the golden cases, and names its line; coupons lie in the wallet."""
    rows = [token.partition("*") for token in goods.split()]
    document = {
        "now": "2026-06-01T12:00",
        "place": {"timezone": "Asia/Shanghai"},
        "products": [
            {
                "gtin": name,
                "price": PRICES[name][0],
                "category": PRICES[name][1],
                "tax_bp": _TAX.get(PRICES[name][1], 1300),
            }
            for name, _, _ in rows
        ],
        "basket": {"lines": [{"id": name, "gtin": name, "quantity": int(count or 1)} for name, _, count in rows]},
        "campaigns": campaigns,
        "wallet": [{"coupon": f"{each['id']}#", "campaign": each["id"]} for each in campaigns if each.get("claim")],
    }
    return answer(read(json.dumps(document | more).encode()))


@pytest.mark.parametrize(
    ("on_return", "returns", "money"),
    [
        ("keep", _ALL_BACK, [18_317, 6_383, 0]),
        # What stays of 24700: the gift has its reason as long as baby goods for 50.00 stay, 10.00 come off F alone.
        ("reprice", _ALL_BACK[1:2], [24_700 - 18_800]),
        # Without any of them the bag is paid.
        ("reprice", _ALL_BACK[:2], [24_700 - 6_900, 6_900 - 990]),
    ],
)
def test_a_gift_with_money_off_for_each_hundred(
    on_return: str, returns: list[dict[str, Any]], money: list[int]
) -> None:
    """The bag's 9.90; 2 × 10.00 off 198.00 and 69.00: 14.83 and 5.17."""
    found = _answer("F D G", [each | {"on_return": on_return} for each in (_GIFT, _PER)], returns=returns)
    assert [line.pay for line in found.quote.lines] == [18_317, 6_383, 0]
    assert [(each.bp, each.paid, each.tax) for each in found.quote.taxes if each.paid] == [(1300, 24_700, 2_842)]
    assert [each.money for each in found.returns] == money


def test_points_are_shared_by_goods_of_two_taxes() -> None:
    """10.00 of 12.90 and 8.90: 5.9174 and 4.0826, the fen to the larger remainder."""
    quote = _answer("M B", [], member={"points": 5000}, burn="most").quote
    assert [line.burned for line in quote.lines] == [592, 408]
    assert [(each.bp, each.paid, each.tax) for each in quote.taxes] == [(900, 698, 58), (1300, 482, 55)]
    assert quote.points.will_earn == 11


def test_half_price_then_money_off_then_a_coupon_with_a_most() -> None:
    """6.45 of the pair; 3 × 1.00, as the shelf says 32.30; a fifth of 22.85 is more than 3.00."""
    quote = _answer(
        "M*2 Y",
        [
            {"id": "half", "benefit": _HALF},
            {"id": "off", "benefit": {"kind": "off", "amount": 100, "per": 1000}, "priority": 1},
            {"id": "fifth", "benefit": {"kind": "percent", "bp": 2000, "most": 300}, "claim": True},
        ],
    ).quote
    assert [(each.campaign, each.amount) for each in quote.used] == [("half", 645), ("off", 300), ("fifth", 300)]
    assert quote.total == 1985


def test_what_stays_may_cost_more_than_what_was_paid() -> None:
    """50.00 off from 200.00 on 198.00 and 9.90: without the bag F costs 198.00, and 157.90 were paid for both."""
    half = {
        "id": "a",
        "benefit": {"kind": "off", "amount": 5000},
        "when": {"min_spend": 20_000},
        "on_return": "reprice",
    }
    back = _answer("F G", [half], returns=[_ALL_BACK[2], _ALL_BACK[0]])
    assert (back.quote.total, [each.money for each in back.returns]) == (15_790, [0, 15_790])


@pytest.mark.parametrize(("name", "discount", "used"), [("b", 970, ["a"]), ("0", 774 + 325, ["0", "a"])])
def test_who_comes_first_has_the_units(name: str, discount: int, used: list[str]) -> None:
    """The half price of all dairy goods takes both pairs, or what 30 % off the milk have left of them."""
    half = {"id": "a", "benefit": _HALF, "when": {"goods": {"categories": ["dairy"]}}}
    milk = {
        "id": name,
        "benefit": {"kind": "percent", "bp": 3000},
        "stage": "item",
        "when": {"goods": {"products": ["M"]}},
    }
    quote = _answer("M*2 Y*2", [half, milk]).quote
    assert (quote.discount, [each.campaign for each in quote.used]) == (discount, used)


@pytest.mark.parametrize(("pairing", "free"), [("dear", ["M", "Y"]), ("cheap", ["Y", "B"])])
def test_three_for_two_of_seven(pairing: str, free: list[str]) -> None:
    """N M M, B B Y and a Y that is left; or Y Y B, B M M and the N."""
    three = {"id": "a", "benefit": {"kind": "nth", "n": 3, "bp": 10_000, "pairing": pairing}}
    quote = _answer("M*2 B*2 Y*2 N", [three]).quote
    assert {line.id: line.shelf - line.pay for line in quote.lines if line.discounts} == {
        name: PRICES[name][0] for name in free
    }
