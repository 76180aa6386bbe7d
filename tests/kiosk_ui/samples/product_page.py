"""A product's page."""

from __future__ import annotations

from typing import Any, Final

from device_drivers.contract.answers.goods import (
    BuyerReview,
    ComparedProduct,
    Plan,
    PlanArea,
    ProductDetails,
    Rating,
    Station,
    StockLevels,
    StoreStock,
    Trace,
)
from kiosk_ui import places
from kiosk_ui.gateway import Refused
from kiosk_ui.screens.product_page.handlers import BasketTotal, Memory
from tests.kiosk_ui.samples.sample import Sample
from tests.kiosk_ui.samples.search import LONG, tile

GTIN: Final = f"{9521101500000:014d}"
AREAS: Final = (
    PlanArea((0, 0, 10, 8)),
    PlanArea((10, 0, 8, 8), lit=True),
    PlanArea((18, 0, 10, 8)),
    PlanArea((0, 8, 28, 6)),
)

UNKNOWN: Final = Refused("product_unknown", "本店目录里没有这件商品。", language="zh-CN")
LOWEST: Final = "Niedrigster Preis der letzten 30 Tage: 14,90 ¥"


def whole(name: str = "鲜牛奶", **changes: Any) -> ProductDetails:
    """Everything there is of it."""
    told: dict[str, Any] = {
        "code": "6901234001174",
        "brand": "晨牧",
        "origin": "内蒙古",
        "promotion": "特价，省¥6.90",
        "until": "至11月30日",
        "points": 12,
        "lowest": "降价前 30 天最低价 ¥14.90",
        "rating": Rating(
            4.8, 3120, (BuyerReview(5, "奶味很浓，天天买。", "李阿姨"), BuyerReview(4, "Good for coffee.", "Tom"))
        ),
        "trace": Trace(
            (Station("牧场挤奶", "11月23日 06:20"), Station("冷链到店", "11月25日")), "B1123", "", "12月1日", 6
        ),
        "compared": (
            ComparedProduct("1", name, "950毫升", "¥13.58/升", 0.56, own=True),
            ComparedProduct("2", name, "2升", "¥11.90/升", 0.49, less=12, same=True),
            ComparedProduct("3", "有机鲜牛奶", "700毫升", "¥24.14/升", 1.0, less=-78),
        ),
        "together": (tile(1, "黄油可颂"), tile(2, "全麦吐司")),
        "stock": StockLevels(24, (StoreStock("朝阳店", 11),), "今天 08:00"),
        "plan": Plan(28, 14, AREAS, (20, 11), ((20, 11), (20, 7.2), (15.5, 7.2), (15.5, 3))),
        "page": "http://192.168.1.20:8080/p/06901234001174?from=screen-baby",
    } | changes
    return ProductDetails(tile(0, name), **told)


def known(told: ProductDetails, **more: Any) -> Memory:
    """What the page remembers."""
    return Memory(whole=told, language="zh-CN", **more)


BARE: Final = dict[str, Any](
    rating=None,
    trace=None,
    compared=(),
    together=(),
    stock=None,
    plan=None,
    promotion="",
    until="",
    lowest="",
    points=0,
)
SAMPLES: Final = (
    Sample(name="product-page", message=places.Product(GTIN), memory=lambda _at: known(whole()), covers=("normal",)),
    Sample(
        name="product-page-long",
        message=places.Product(GTIN),
        memory=lambda _at: known(whole(LONG, lowest=LOWEST)),
        covers=("long",),
    ),
    Sample(
        name="product-page-bare", message=places.Product(GTIN), memory=lambda _at: known(whole(**BARE)), covers=("one",)
    ),
    Sample(name="product-page-said", message=places.Product(GTIN), memory=lambda _at: known(whole(), sheet="said")),
    Sample(
        name="product-page-put",
        message=places.Product(GTIN),
        memory=lambda at: known(whole(), put=BasketTotal(5, 8820), put_at=at + 3600),
    ),
    Sample(
        name="product-page-unknown",
        message=places.Product(GTIN),
        memory=lambda _at: Memory(refused=UNKNOWN, language="zh-CN"),
        covers=("empty",),
    ),
    Sample(
        name="product-page-offline",
        message=places.Product(GTIN),
        memory=lambda at: Memory(lost=True, asked_at=at, language="zh-CN"),
        offline=True,
        covers=("offline",),
    ),
)
