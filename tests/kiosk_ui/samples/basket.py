"""The basket of whoever stands there."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from device_drivers.contract.answers.basket import (
    CollectOptions,
    CollectWay,
    Nearly,
    ParkingCode,
    ScreenBasket,
    ScreenBasketLine,
    ScreenDiscount,
)
from kiosk_ui import places
from kiosk_ui.screens.basket.handlers import Memory
from tests.kiosk_ui.samples.sample import Sample

LINES: Final = (
    ScreenBasketLine(
        "1", "1", "鲜牛奶 950毫升", off="特价 −¥13.80", quantity=2, pay=2580, shelf=3960, art="milk", tint="#D8E8F8"
    ),
    ScreenBasketLine(
        "2", "2", "黄油可颂 2只装", off="优惠券 −¥6.90", pay=990, shelf=1680, art="croissant", tint="#FBE3C4"
    ),
    ScreenBasketLine(
        "3", "3", "婴儿纸尿裤 L 54片", off="优惠券 −¥30.00", pay=6900, shelf=9900, art="diaper", tint="#DDEAF2"
    ),
    ScreenBasketLine(
        "4", "4", "红富士苹果", detail="1.236 千克", alone=True, pay=1681, shelf=1681, art="apple", tint="#F6DCD4"
    ),
)
LONG: Final = ScreenBasketLine(
    "9",
    "9",
    "Bio-Vollkornhaferflocken zart mit Sonnenblumenkernen und getrockneten Heidelbeeren, Vorratspackung 2,5 kg",
    off="Donaudampfschifffahrtsjubiläumsangebot für treue Kundinnen −1.234,50 €",
    quantity=999,
    pay=123_456_789,
    shelf=234_567_890,
)
ANSWER: Final = ScreenBasket(
    pieces=5,
    lines=LINES,
    total=11_151,
    saved=6070,
    earns=111,
    taken=(ScreenDiscount("特价", 1380), ScreenDiscount("优惠券 2 张", 3690), ScreenDiscount("满 100 减 10", 1000)),
    nearly=Nearly("再买 ¥28.49，享“满 150 减 20”", 81),
    not_used=("乳品 9 折券没用上：“特价”更省",),
    code=ParkingCode("http://192.168.1.20:8080/b/basket.k3m9x2pqabcd.b.q2w3e4r5t6y7u8i9", "4712"),
)


def known(answer: ScreenBasket | None = ANSWER, **more: Any) -> Any:
    """The gateway has answered."""
    return lambda at: Memory(answer=answer, language="zh-CN", asked_at=at, **more)


def _of(*lines: ScreenBasketLine, **more: Any) -> ScreenBasket:
    return msgspec.structs.replace(ANSWER, lines=lines, **more)


FETCHED: Final = CollectOptions(
    "2 件不在货架上",
    "明天 15:40前送到取货点",
    (CollectWay("counter", "取货点", chosen=True), CollectWay("locker", "储物柜"), CollectWay("later", "改天来取")),
)
GERMAN: Final = CollectOptions(
    "2 Stück stehen nicht im Regal",
    "Im Schließfach bereit bis morgen, 15:40; der Code kommt aufs Handy",
    (
        CollectWay("counter", "Abholstelle"),
        CollectWay("locker", "Schließfach", chosen=True),
        CollectWay("later", "Später abholen"),
    ),
)
BARE: Final = _of(LINES[0], taken=(), saved=0, earns=0, nearly=None, not_used=(), collecting=FETCHED)
SAMPLES: Final = (
    Sample(name="basket", message=places.Basket(), memory=known(), covers=("normal",)),
    Sample(name="basket-empty", message=places.Basket(), memory=known(ScreenBasket()), covers=("empty",)),
    Sample(name="basket-away", message=places.Basket(), memory=known(away=True), offline=True, covers=("offline",)),
    Sample(name="basket-till", message=places.Basket(), memory=known(BARE, way="till"), covers=("one",)),
    Sample(
        name="basket-long",
        message=places.Basket(),
        memory=known(_of(LONG, total=123_456_789, collecting=GERMAN)),
        covers=("long",),
    ),
    Sample(name="basket-sixty", message=places.Basket(), memory=known(_of(*LINES * 15)), covers=("sixty",)),
)
