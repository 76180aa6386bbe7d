"""The receipt on paper: from the fact that an order was paid, in each language, for pieces, bags, points and offers."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import msgspec
import pytest

from edge.domain.layout import Store
from edge.domain.orders.facts import OrderLine, OrderPaid, OrderPoints, PaidBy
from edge.domain.orders.slips import receipt
from edge.gateway.documents import Templates
from pricing.quote import Discount, Hint, TaxPart, Used
from words.languages import Wording

WORDS = {"zh-CN": "第二件半价", "en": "2nd half price", "de": "Das Zweite zum halben Preis"}
STORE = Store(
    id="s", name=Wording(WORDS), currency="CNY", region="CN", zone=ZoneInfo("Asia/Shanghai"),
    languages=("zh-CN", "en", "de"), contact="",
)  # fmt: skip
PAID = OrderPaid(
    basket="b", currency="CNY", total=1461, shelf=3006, discount=645, quote="q", as_of_ms=0,
    lines=(
        OrderLine("1", "06901234567892", 2, 2580, 1035, discounts=(Discount("half", 645),), burned=900, names=WORDS),
        OrderLine("2", "02000101000006", 1, 426, 426, grams=333, names=WORDS),
    ),
    used=(Used("half", 645, words=WORDS),), near=(Hint("nearly", "ten", amount=120, words=WORDS),),
    taxes=(TaxPart(1300, 1461, 168),), points=OrderPoints(900, 900, 14, 4114),
    paid=(PaidBy("p", "counter", 1461), ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", ("购物小票", "−¥6.45", "0.333 kg", "900 积分", "¥14.61", "13%", "4114", "¥1.20", "收银台")),
        ("en", ("Receipt", "−¥6.45", "0.333 kg", "900 points", "¥14.61", "13%", "4114", "¥1.20", "till")),
        ("de", ("Kassenbon", "−6,45 ¥", "0,333 kg", "900 Punkte", "14,61 ¥", "13 %", "4114", "1,20 ¥", "Kasse")),
    ],
)
def test_a_receipt_says_everything_in_its_language(language: str, said: tuple[str, ...]) -> None:
    values = {"number": "7K3F9-QXM2P", "at_ms": 1_790_000_000_000, **receipt(PAID)}
    document = json.dumps(Templates(lambda: STORE).document("sale", language, values), ensure_ascii=False)
    assert [each for each in said if each not in document.replace("\u00a0", " ")] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", "积分余额 4114（2026-09-21 22:13）"),
        ("en", "4114 points in all on 2026-09-21 22:13"),
        ("de", "4114 Punkte insgesamt am 21.09.2026, 22:13"),
    ],
)
def test_the_balance_stands_with_its_moment_so_that_a_copy_is_not_read_as_of_today(language: str, said: str) -> None:
    values = {"number": "7K3F9-QXM2P", "at_ms": 1_790_000_000_000, **receipt(PAID)}
    document = Templates(lambda: STORE).document("sale", language, values)
    assert said in [line.get("text") for line in document["lines"]]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-CN", ("9.5%", "1 积分抵扣", "获得 1 积分", "余额 1")),
        ("en", ("9.5% tax", '1 point"', "1 point earned", "1 point in all")),
        ("de", ("9,5 % MwSt.", '1 Punkt"', "1 Punkt gesammelt", "1 Punkt insgesamt")),
    ],
)
def test_one_point_and_half_a_percent_are_said_as_the_language_has_them(language: str, said: tuple[str, ...]) -> None:
    one = msgspec.structs.replace(PAID, points=OrderPoints(1, 1, 1, 1), taxes=(TaxPart(950, 1461, 127),))
    values = {"number": "7K3F9-QXM2P", "at_ms": 1_790_000_000_000, **receipt(one)}
    document = json.dumps(Templates(lambda: STORE).document("sale", language, values), ensure_ascii=False)
    assert [each for each in said if each not in document.replace("\u00a0", " ")] == []


def test_what_took_part_and_had_more_to_give_did_not_come_close() -> None:
    lost = Hint("wasted", "seven", amount=300, words={"en": "Seven off"})
    told = msgspec.structs.replace(PAID, near=(*PAID.near, lost))
    assert receipt(told) == receipt(PAID)


def test_a_long_code_is_whole_on_a_coupon() -> None:
    """Its QR code ended in `…` behind 160 letters, and led nowhere."""
    code = f"https://shop.example/c/{'a' * 200}"
    values = {"title": "Milk", "price": 990, "was": 1290, "code": code}
    lines = Templates(lambda: STORE).document("coupon", "en", values)["lines"]
    assert [line["data"] for line in lines if line["kind"] == "qr"] == [code]
