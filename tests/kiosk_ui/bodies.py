"""What the gateway sends a screen: its `desired`, and a `show`. Benches take them too: nothing here is pytest's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

GOODS: list[tuple[Any, ...]] = [
    ("milk-950", "鲜牛奶 950ml", "Fresh milk 950 ml", "当日鲜配 · 低温巴氏", "Pasteurised, in today", 1290, 1980, 38, 100, 1723, "milk", "#D9E8F8"),  # noqa: E501
    ("croissant", "黄油可颂 2 只", "Butter croissants ×2", "每日 16:00 第二炉", "Second bake at 16:00", 990, 1680, 12, 60, 310, "croissant", "#FBE5CB"),  # noqa: E501
    ("cheddar", "车达干酪 200g", "Cheddar 200 g", "会员价 · 限 2 件", "Member price, max 2", 2650, 3900, 71, 80, 5398, "cheese", "#FFEEB0"),  # noqa: E501
    ("strawberry", "丹东草莓 300g", "Dandong strawberries 300 g", "临期特惠 · 今日必吃", "Eat today, pay less", 1580, 3200, 5, 40, 46, "strawberry", "#FADBDD"),  # noqa: E501
    ("diaper-l", "超薄透气纸尿裤 L 码 52 片", "Ultra-thin diapers size L, 52", "新客专享 · 整箱更省", "New members, save by the box", 15800, 21900, 23, 50, None, "diaper", "#DDE9FA"),  # noqa: E501
    ("formula-3", "婴儿配方奶粉 3 段 800g", "Infant formula stage 3, 800 g", "会员价 · 限 1 罐", "Member price, one each", 23900, 29800, 64, 80, None, "formula", "#FCE4D6"),  # noqa: E501
    ("wipes-80", "婴儿手口湿巾 80 抽 ×3", "Baby wipes 80 × 3", "加厚珍珠纹", "Thick and soft", 2490, 3990, 88, 120, 40000, "wipes", "#D5F0EA"),  # noqa: E501
]  # fmt: skip


def make_coupon(place: int, now: datetime = NOW, code_s: float = 30, **changes: Any) -> dict[str, Any]:
    """One of the goods, as the gateway puts it."""
    name, zh, en, zh_sub, en_sub, price, was, left, stock, ends, art, tint = GOODS[place]
    return {
        "id": name,
        "title": {"zh-CN": zh, "en": en},
        "subtitle": {"zh-CN": zh_sub, "en": en_sub},
        "price": price,
        "was": was,
        "currency": "CNY",
        "left": left,
        "stock": stock,
        "ends_at": (now + timedelta(seconds=ends)).isoformat() if ends else None,
        "art": art,
        "tint": tint,
        "url": f"http://192.168.1.20:8080/t/b3{place}k2h7QxV9ZrT5mNpL8wYcJd4sF6gA{place}",
        "code_until": (now + timedelta(seconds=code_s)).isoformat(),
    } | changes


def make_body(coupons: list[dict[str, Any]], **changes: Any) -> bytes:
    """A desired body, schema 1."""
    body = {
        "schema": 1,
        "zone": {"id": "baby", "name": {"zh-CN": "母婴", "en": "Mother & baby", "de": "Mutter & Kind"}},
        "store": {"name": {"zh-CN": "鲜汇生活", "en": "Fresh Life", "de": "Frisch & Gut"}},
        "languages": ["zh-CN", "en"],
        "coupons": coupons,
        "headline": {"zh-CN": "本区今日好券", "en": "Today's offers here", "de": "Heute im Angebot"},
        "hint": {
            "zh-CN": "扫码领到手机，结账自动抵扣",
            "en": "Scan to save. It applies itself at checkout",
            "de": "Scannen, sichern, an der Kasse sparen.",
        },
    }
    return json.dumps(body | changes).encode()


def make_product(**changes: Any) -> dict[str, Any]:
    """The arguments of a `show` as the gateway sends them for a product."""
    product = {
        "type": "product",
        "gtin": "09521101500011",
        "name": {"zh-CN": "红颜草莓", "en": "Strawberries", "de": "Erdbeeren"},
        "currency": "CNY",
        "art": "strawberry",
        "tint": "#F9D9DC",
        "price": 1590,
        "was": 2590,
        "for": {},
        "promotion": {
            "zh-CN": "特价，省¥10.00",
            "en": "Special price, you save ¥10.00",
            "de": "Sonderpreis, Sie sparen 10,00\u00a0¥",
        },
        "per_unit": {"zh-CN": "¥53.00/千克", "en": "¥53.00 / kg", "de": "53,00\u00a0¥ / kg"},
        "size": {"zh-CN": "300克", "en": "300 g"},
        "brand": {"zh-CN": "青禾", "en": "Qinghe"},
        "origin": {"zh-CN": "辽宁", "en": "Liaoning"},
        "place": {
            "zh-CN": "生鲜 · 水果货架卡 · 约8米",
            "en": "Fresh food · Shelf card, fruit · about 8\u00a0m",
            "de": "Frische · Obstregal · etwa 8\u00a0m",
        },
        "picture": "",
        "url": "http://192.168.1.20:8080/p/09521101500011?from=screen-fresh",
        "goes_with": [
            {
                "name": {"zh-CN": "鲜牛奶", "en": "Fresh milk", "de": "Frische Milch"},
                "art": "milk",
                "tint": "#D9E8F8",
                "price": 1290,
            },
            {
                "name": {"zh-CN": "希腊酸奶", "en": "Greek yoghurt", "de": "Griechischer Joghurt"},
                "art": "",
                "tint": "#E2F2E8",
                "price": 1590,
            },
            {
                "name": {"zh-CN": "全麦吐司", "en": "Wholegrain loaf", "de": "Vollkorntoast"},
                "art": "bread",
                "tint": "#EBDDC6",
                "price": 890,
            },
        ],
        "seconds": 45.0,
    }
    return {"scene": product | changes}
