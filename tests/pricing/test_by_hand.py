"""Documents whose numbers were worked out by hand, a row each: weights, currencies, days, limits, coupons, returns."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from pricing.document import answer
from pricing.reading import read
from tests.pricing.goods import PRICES

_NOON: Final = 1_780_286_400_000
"""2026-06-01T12:00 in Shanghai."""
_DAY_MS: Final = 86_400_000


def _one(kind: str, when: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """One campaign, `a`: what is no field of a campaign is one of its benefit."""
    own = {name: more.pop(name) for name in ("claim", "limits", "budget", "on_return", "stage") if name in more}
    return {"id": "a", "benefit": {"kind": kind, **more}, "when": when or {}, **own}


def _answer(goods: str, *campaigns: dict[str, Any], zone: str = "Asia/Shanghai", **more: Any) -> Any:
    """`M*2 A333 105`: a good of the golden cases, so many; a bag of apples by its grams; a good of that price."""
    products, lines = {}, []
    for token in goods.split():
        name, _, count = token.partition("*")
        grams = int(name[1:]) if name[0] == "A" else None
        gtin = "A" if grams else name
        price, category = PRICES.get(gtin) or (int(gtin), "")
        products[gtin] = {
            "gtin": gtin, "price": price, "category": category, "per_kg": gtin == "A", "no_offers": gtin == "S",
        }  # fmt: skip
        lines.append({"gtin": gtin, "grams": grams} if grams else {"gtin": gtin, "quantity": int(count or 1)})
    wallet = [{"coupon": "c", "campaign": "a"}] if any(each.get("claim") for each in campaigns) else []
    document = {
        "now": _NOON, "place": {"timezone": zone}, "products": list(products.values()), "basket": {"lines": lines},
        "campaigns": campaigns, "wallet": wallet,
    }  # fmt: skip
    return answer(read(json.dumps(document | more).encode()))


_HALF: Final = _one("nth", n=2, bp=5000)
_FLASH: Final = _one(
    "price",
    {"from": "2026-06-01T10:00", "until": "2026-06-01T12:00", "goods": {"products": ["C"]}},
    amount=500,
    times=2,
    limits={"per_member_day": 2},
    budget={"uses": 100},
)
_BUNDLE: Final = _one("bundle", price=1800, parts=[{"goods": {"products": ["M"]}}, {"goods": {"products": ["B"]}}])
_GIFT: Final = {"spend_of": {"categories": ["baby"]}, "min_spend": 5000}
_SWEETS: Final = _GIFT | {"goods": {"products": ["C"]}}
_COUPON: Final = _one("off", amount=200, claim=True)


@pytest.mark.parametrize(
    ("goods", "campaigns", "more", "total"),
    [
        # 10 % of 315 yen is 31.5: 32, of which 10.67 and 21.33.
        ("105 210", [_one("percent", bp=1000)], {"terms": {"currency": "JPY"}}, 283),
        ("1250*3", [_HALF], {"terms": {"currency": "KWD"}}, 3125),
        # Of 12.80 a kilogram 1 g is 1.28 fen, 1,001 g are 1281.28, and 3,250 g 4160; each bag by itself.
        ("A1 A1", [], {}, 2),
        ("A1001 A3250", [], {}, 1281 + 4160),
        # 9.80 a kilogram are 3.26 for 333 g; 15 % of 4.26 are 0.639 of each bag, and 1.278 of both.
        ("A333", [_one("price", amount=980)], {}, 326),
        ("A333 A334", [_one("percent", bp=1500, stage="item")], {}, 426 + 428 - 64 - 64),
        ("A100 A100 A100", [_one("off", {"min_qty": 3}, amount=50)], {}, 3 * 128 - 50),
        # The flash sale: its first and last millisecond, and after it; what is left of the day's two, and of the stock.
        ("C*3", [_FLASH], {"now": "2026-06-01T10:00"}, 2000),
        ("C*3", [_FLASH], {"now": "2026-06-01T11:59:59.999"}, 2000),
        ("C*3", [_FLASH], {}, 3000),
        ("C*3", [_FLASH], {"now": "2026-06-01T11:00", "member": {}, "counters": {"a": {"member_day": 1}}}, 2500),
        ("C*3", [_FLASH], {"now": "2026-06-01T11:00", "member": {}, "counters": {"a": {"member_day": 2}}}, 3000),
        ("C*3", [_FLASH], {"now": "2026-06-01T11:00", "counters": {"a": {"uses": 99}}}, 2500),
        # 1.50 are left of the budget of 5.00; 7.00 pay one half of a carton, and 0.55 of the next.
        ("C", [_one("off", amount=500, budget={"amount": 500})], {"counters": {"a": {"amount": 350}}}, 850),
        ("M*4", [_one("nth", n=2, bp=5000, budget={"amount": 700})], {}, 4 * 1290 - 700),
        # A bundle of milk and bread, or the half of one milk; both where a third milk is there.
        ("M*2 B", [_BUNDLE, _HALF | {"id": "b", "when": {"goods": {"products": ["M"]}}}], {}, 3470 - 645),
        ("M*3 B", [_BUNDLE, _HALF | {"id": "b", "when": {"goods": {"products": ["M"]}}}], {}, 4760 - 380 - 645),
        ("M*2 B Y*2", [_one("nth", n=3, pairing="cheap")], {}, 4770 - 650),
        ("M*2 B Y*2", [_one("nth", n=3)], {}, 4770 - 890),
        # Tobacco takes neither offers nor points: half of 10.00 is paid with points.
        ("S C", [], {"member": {"points": 5000}, "burn": "most"}, 3000),
        # 30 % of 12.90 are 387, for points that are worth 2: 193, and 150 in steps of 50.
        ("M", [], {"member": {"points": 333}, "burn": "most",
                   "terms": {"point_worth": 2, "burn_step": 50, "burn_most_bp": 3000}}, 990),
        ("C", [_one("price", amount=0)], {"member": {"points": 500}, "burn": "most"}, 0),
        ("0 C", [_one("off", amount=100)], {}, 900),
    ],
)  # fmt: skip
def test_what_it_costs(goods: str, campaigns: list[dict[str, Any]], more: dict[str, Any], total: int) -> None:
    assert _answer(goods, *campaigns, **more).quote.total == total


@pytest.mark.parametrize(
    ("zone", "now", "when", "member", "holds"),
    [
        ("Asia/Shanghai", "2027-02-28T23:59:59.999", {"birthday": 0}, {"birthday": "02-29"}, True),
        ("Asia/Shanghai", "2027-03-01", {"birthday": 0}, {"birthday": "02-29"}, False),
        ("Asia/Shanghai", "2028-02-28T23:59:59.999", {"birthday": 0}, {"birthday": "02-29"}, False),
        ("Asia/Shanghai", "2026-12-30", {"birthday": 2}, {"birthday": "01-01"}, True),
        ("Asia/Shanghai", "2026-12-29T23:59:59.999", {"birthday": 2}, {"birthday": "01-01"}, False),
        ("Asia/Shanghai", "2026-05-16T16:00Z", {"birthday": 0}, {"birthday": "05-17"}, True),
        # A Sunday of 25 hours, and an hour of it that comes twice.
        ("Europe/Berlin", "2026-10-24T21:59:59.999Z", {"weekdays": ["sun"]}, None, False),
        ("Europe/Berlin", "2026-10-24T22:00Z", {"weekdays": ["sun"]}, None, True),
        ("Europe/Berlin", "2026-10-25T22:59:59.999Z", {"weekdays": ["sun"]}, None, True),
        ("Europe/Berlin", "2026-10-25T00:00Z", {"hours": ["02:00-03:00"]}, None, True),
        ("Europe/Berlin", "2026-10-25T01:59:59.999Z", {"hours": ["02:00-03:00"]}, None, True),
        ("Europe/Berlin", "2026-03-29T01:00Z", {"hours": ["02:00-03:00"]}, None, False),
        # A day that ends with the leap of the clock, and one whose first hour comes twice.
        ("Asia/Beirut", "2026-03-28T21:59:59.999Z", {"until": "2026-03-28"}, None, True),
        ("Asia/Beirut", "2026-03-28T22:00Z", {"until": "2026-03-28"}, None, False),
        ("America/Havana", "2026-11-01T04:00Z", {"from": "2026-11-01"}, None, True),
        ("America/Havana", "2026-11-02T04:59:59.999Z", {"until": "2026-11-01"}, None, True),
        ("America/Havana", "2026-11-02T05:00Z", {"until": "2026-11-01"}, None, False),
        ("Asia/Shanghai", "2026-02-28", {"month_days": [31]}, None, True),
        ("Asia/Shanghai", _NOON, {"bought": {"days": 30}}, {"bought": {"C": _NOON - 30 * _DAY_MS}}, True),
        ("Asia/Shanghai", _NOON, {"bought": {"days": 30}}, {"bought": {"C": _NOON - 30 * _DAY_MS - 1}}, False),
    ],
)
def test_when_it_holds(
    zone: str, now: str | int, when: dict[str, Any], member: dict[str, Any] | None, *, holds: bool
) -> None:
    quote = _answer("C", _one("off", when, amount=1), zone=zone, now=now, member=member).quote
    assert quote.discount == int(holds)


@pytest.mark.parametrize(
    ("coupon", "code"),
    [
        ({"state": "reserved", "basket": "basket"}, ""),
        ({"state": "reserved", "basket": "other"}, "coupon_reserved"),
        ({"state": "redeemed"}, "coupon_used"),
        ({"state": "ended"}, "coupon_ended"),
        ({"usable_from": "2026-06-01T12:00"}, ""),
        ({"usable_from": "2026-06-01T12:00:00.001"}, "coupon_not_yet"),
        ({"until": "2026-06-01"}, ""),
        ({"until": "2026-06-01T12:00:00.001"}, ""),
        ({"until": "2026-06-01T12:00"}, "coupon_ended"),
    ],
)
def test_what_a_coupon_is_good_for(coupon: dict[str, Any], code: str) -> None:
    quote = _answer("C", _COUPON, wallet=[{"coupon": "c", "campaign": "a", **coupon}]).quote
    assert (quote.discount, [each.code for each in quote.not_used]) == ((0, [code]) if code else (200, []))


@pytest.mark.parametrize(
    ("goods", "campaign", "returns", "money"),
    [
        ("T*3", _one("nth", n=3), "111", [222, 222, 222]),
        ("T*2", _HALF, "11", [249, 250]),
        ("M*2 B", _BUNDLE, "121", [1177, 735, 1178]),
        ("D G", _one("gift", _GIFT, goods={"products": ["G"]}), "12", [6900, 0]),
        # The bag costs 9.90 without what it was given for, and the sweets 10.00.
        ("D G", _one("gift", _GIFT, goods={"products": ["G"]}, on_return="reprice"), "12", [5910, 990]),
        ("D C", _one("price", _SWEETS, amount=100, on_return="reprice"), "12", [6000, 1000]),
        ("D C*2", _one("price", _SWEETS, amount=100, times=1), "22", [550, 550]),
    ],
)  # fmt: skip
def test_what_comes_back(goods: str, campaign: dict[str, Any], returns: str, money: list[int]) -> None:
    back = _answer(goods, campaign, returns=[{"line": line} for line in returns]).returns
    assert [each.money for each in back] == money
