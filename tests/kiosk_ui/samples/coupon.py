"""One offer as a ticket."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from device_drivers.contract.answers.coupon import RuleLine, ScreenCoupon
from kiosk_ui import places
from kiosk_ui.screens.coupon.handlers import Memory
from tests.kiosk_ui.samples.sample import Sample

ALWAYS_MS: Final = 4_000_000_000_000
"""A code that stays."""
ANSWER: Final = ScreenCoupon(
    title="婴儿纸尿裤 L",
    subtitle="柔薄透气 · 54片 · ¥1.28/片",
    price=6900,
    was=9900,
    saves=3000,
    percent=30,
    art="diaper",
    tint="#DDEAF2",
    left=38,
    stock=100,
    url="http://192.168.1.20:8080/t/screen-baby.diaper.r1s8rq3.x7abcdefghijklmn",
    digits="739204",
    until_ms=ALWAYS_MS,
    rules=(
        RuleLine("clock", "11月30日 22:00 前有效"),
        RuleLine("person", "每人限 1 张"),
        RuleLine("shield", "不与其他优惠同享"),
        RuleLine("pin", "商品在货架 C2"),
    ),
    gtin="06901234567892",
    prints=True,
)
LONG: Final = msgspec.structs.replace(
    ANSWER,
    title="Bio-Vollkornhaferflocken zart mit Sonnenblumenkernen und getrockneten Heidelbeeren, Vorratspackung",
    price=None,
    was=None,
    claimable=True,
    rules=tuple(RuleLine("shield", "Gilt nicht zusammen mit anderen Angeboten für dieselben, " * 3) for _ in "1234"),
)


def _known(answer: ScreenCoupon | None = ANSWER, **more: Any) -> Any:
    return lambda at: Memory(answer=answer, language="zh-CN", asked_at=at, **more)


SAMPLES: Final = (
    Sample(name="coupon", message=places.Coupon("milk"), memory=_known(), covers=("normal",)),
    Sample(name="coupon-away", message=places.Coupon("milk"), memory=_known(away=True), covers=("offline",)),
    Sample(name="coupon-unknown", message=places.Coupon("gone"), memory=_known(None, away=True), covers=("empty",)),
    Sample(name="coupon-long", message=places.Coupon("milk"), memory=_known(LONG), covers=("long",)),
)
