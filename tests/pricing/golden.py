"""Baskets whose price was worked out by hand: number, basket, offers, discount by line, total, who takes part.

An offer with `claim` is a coupon of the same name that lies in the wallet.
"""

from __future__ import annotations

from typing import Final

import msgspec

from pricing.campaigns import Campaign
from tests.pricing.goods import (
    at,
    gift,
    item,
    less,
    off,
    offer,
    only,
    second_free,
    second_half,
    three_for_two,
    together,
)  # fmt: skip


class Golden(msgspec.Struct, frozen=True):
    number: int
    basket: str
    offers: tuple[Campaign, ...]
    discounts: tuple[int, ...]
    total: int
    used: str = ""
    """Names, in the order of reckoning; where it is empty it is not asked."""
    why_not: dict[str, tuple[str, int]] = {}
    ends: dict[str, int] = {}
    """Of a coupon: days from now until it ends."""


def _coupon(name: str, amount: int, group: str = "") -> Campaign:
    return offer(name, off(amount), claim=True, group=group)


_TEN_FROM_100: Final = (offer("a", off(1000), when={"min_spend": 10_000}),)
_SECOND_DAIRY: Final = (item("a", second_half(), only("dairy")),)
_BUNDLE: Final = (item("a", together(1800, "dairy", "bakery")),)
_BAG: Final = (item("a", gift("bag"), only("baby"), when={"min_spend": 5000}),)
_TWO: Final = (_coupon("x", 200, "c1"), _coupon("y", 150, "c2"))

GOLDEN: Final = (
    Golden(1, "M", (), (0,), 1290),
    Golden(2, "C C C", (offer("a", off(1000)),), (334, 333, 333), 2000),
    Golden(3, "333 667 1", (offer("a", off(500)),), (166, 333, 1), 501),
    Golden(4, "T", (offer("a", less(15)),), (50,), 283),
    Golden(5, "T*2", (offer("a", less(15)),), (100,), 566),
    Golden(6, "T T T", (offer("a", less(15)),), (50, 50, 50), 849),
    Golden(7, "10", (offer("a", less(5)),), (1,), 9),
    Golden(8, "333 334", (offer("a", less(10)),), (33, 34), 600),
    Golden(9, "T", (offer("a", off(500)),), (333,), 0),
    Golden(10, "D N 500", _TEN_FROM_100, (0, 0, 0), 9999, "", {"a": ("min_spend", 1)}),
    Golden(11, "D N 501", _TEN_FROM_100, (690, 260, 50), 9000),
    Golden(12, "F D", (offer("a", off(1000, per=10_000)),), (1483, 517), 24700),
    Golden(13, "F D", (offer("a", off(1000, per=10_000, times=1)),), (742, 258), 25700),
    Golden(14, "M*2", (item("a", second_half()),), (645,), 1935),
    Golden(15, "T*2", (item("a", second_half()),), (167,), 499),
    Golden(16, "M*3", (item("a", second_half()),), (645,), 3225),
    Golden(17, "M Y B", _SECOND_DAIRY, (0, 325, 0), 2505),
    Golden(18, "M*2 Y*2", _SECOND_DAIRY, (645, 325), 2910),
    Golden(19, "M Y*2", _SECOND_DAIRY, (0, 325), 2265),
    Golden(20, "Y*3", (item("a", three_for_two()),), (650,), 1300),
    Golden(21, "M*2 Y*2", (item("a", three_for_two()),), (0, 650), 3230),
    Golden(22, "T*5", (item("a", second_free()),), (666,), 999),
    Golden(23, "T*4", (item("a", second_free(times=1)),), (333,), 999),
    Golden(24, "M B", _BUNDLE, (225, 155), 1800),
    Golden(25, "M*2 B*3", _BUNDLE, (450, 310), 4490),
    Golden(26, "Y T", (item("a", together(1800, "dairy", "drinks")),), (0, 0), 983, "", {"a": ("no_effect", 0)}),
    Golden(27, "D G", _BAG, (0, 990), 6900),
    Golden(28, "D", _BAG, (0,), 6900, "", {"a": ("gift_not_there", 1)}),
    Golden(29, "D G*2", _BAG, (0, 990), 7890),
    Golden(
        30, "D C", (item("a", at(100, times=1), only("sweets"), when={"min_spend": 5000, "spend_of": only("baby")}),),
        (0, 900), 7000,
    ),
    Golden(31, "A1234", (offer("a", less(10)),), (158,), 1422),
    Golden(32, "A1234 A800", (item("a", second_half(), only("fruit")),), (0, 512), 2092),
    Golden(33, "S C", (offer("a", less(10)),), (0, 100), 3400),
    Golden(34, "S C", (offer("a", off(300), when={"min_spend": 3000}),), (0, 0), 3500, "", {"a": ("min_spend", 2000)}),
    Golden(35, "C*2", (item("a", second_half()), offer("b", less(10))), (650,), 1350, "a,b"),
    Golden(36, "C*2", (offer("a", off(500), priority=1), offer("b", less(10))), (650,), 1350, "a,b"),
    Golden(37, "C*2", (offer("a", off(500)), offer("b", less(10), priority=1)), (700,), 1300, "b,a"),
    Golden(
        38, "C*2", (offer("a", off(300), group="g"), offer("b", less(20), group="g")),
        (400,), 1600, "b", {"a": ("group_taken", 100)},
    ),
    Golden(39, "C*2", (_coupon("a", 400, "g"), offer("b", less(20), group="g")), (400,), 1600, "b"),
    Golden(40, "C*2", (_coupon("a", 200, "g"), _coupon("b", 200, "g")), (200,), 1800, "b", {}, {"a": 9, "b": 3}),
    Golden(41, "C*2", (offer("m", less(15), excludes=("c1", "c2")), *_TWO), (350,), 1650, "x,y"),
    Golden(42, "C*2", (offer("m", less(25), alone=True), *_TWO), (500,), 1500, "m"),
    Golden(43, "C*2", (offer("m", less(15), alone=True), *_TWO), (350,), 1650, "x,y"),
    Golden(44, "M*2", (item("n", second_half(), priority=1), item("p", less(30))), (774,), 1806, "p"),
    Golden(45, "M*3", (item("n", second_half(), priority=1), item("p", less(20))), (903,), 2967, "n,p"),
    Golden(46, "D", (offer("a", less(20, most=1000)),), (1000,), 5900),
    Golden(47, "C", (_coupon("a", 600, "g1"), _coupon("b", 700, "g2")), (1000,), 0, "a,b"),
    Golden(
        48, "C*2", (item("a", second_half()), offer("b", off(200), when={"min_spend": 2000}, claim=True)),
        (700,), 1300, "a,b",
    ),
    Golden(
        49, "C*3",
        (
            offer("a", off(900), when={"min_spend": 3000}, group="g1", excludes=("c",)),
            offer("b", off(500), group="g1"),
            offer("c", off(600)),
        ),
        (1100,), 1900, "b,c",
    ),
    Golden(50, "105", (offer("a", less(10)),), (11,), 94),
)  # fmt: skip
