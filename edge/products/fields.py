"""The fields of a product's line. A line is good when every field that stands in it is."""

from __future__ import annotations

import math
from typing import Any, Final

from edge.products.mistakes import BadValue, Mistake, short
from edge.products.product import Product, Promotion, Review, Reviews, Step, Trace
from edge.products.values import (
    Parse,
    Store,
    count,
    day,
    gtin,
    listed,
    moment,
    money,
    one_of,
    picture,
    size,
    stars,
    structs,
    text,
    yes,
)

FIELDS: Final = (
    "gtin", "name", "name_zh", "name_en", "price", "sold_by", "size", "category", "category_zh", "category_en",
    "brand", "brand_zh", "brand_en", "origin", "origin_zh", "origin_en",
    "promo_price", "promo_buy", "promo_pay", "promo_zh", "promo_en", "promo_from", "promo_until",
    "batch", "made", "trace", "stars", "reviews", "said", "picture", "art", "shelf", "goes_with", "here",
)  # fmt: skip
NAMES: Final = frozenset(("name", "name_zh", "name_en"))
ALIASES: Final = {
    "条码": "gtin", "商品条码": "gtin", "条形码": "gtin", "ean": "gtin", "upc": "gtin", "barcode": "gtin",
    "品名": "name_zh", "名称": "name_zh", "商品名称": "name_zh", "售价": "price", "价格": "price", "规格": "size",
    "分类": "category", "类别": "category", "品牌": "brand", "产地": "origin", "图片": "picture", "货架": "shelf",
}  # fmt: skip
"""What tills and spreadsheets call the same columns."""

PARSE: Final[dict[str, Parse]] = {
    "gtin": gtin,
    **dict.fromkeys(("name", "name_zh", "name_en"), text(200)),
    **dict.fromkeys(("brand", "brand_zh", "brand_en", "category", "category_zh", "category_en"), text(60)),
    **dict.fromkeys(("origin", "origin_zh", "origin_en", "promo_zh", "promo_en", "batch"), text(120)),
    "price": money,
    "promo_price": money,
    "promo_buy": count(2, 99),
    "promo_pay": count(1, 98),
    "promo_from": moment(end=False),
    "promo_until": moment(end=True),
    "sold_by": one_of(lambda _: frozenset(("piece", "kg")), "how it is sold"),
    "size": size,
    "made": day,
    "trace": structs(Step, '[{"words": {"zh-CN": "…", "en": "…"}, "on": "2026-11-20"}]'),
    "stars": stars,
    "reviews": count(0, 99_999_999),
    "said": structs(Review, '[{"stars": 5, "words": "…"}]'),
    "picture": picture,
    "art": one_of(lambda store: store.arts, "a drawing"),
    "shelf": listed(one_of(lambda store: store.shelves, "a touchpoint of the purpose shelf")),
    "goes_with": listed(gtin),
    "here": yes,
}


def read(line: int, record: dict[str, Any], store: Store) -> Product | list[Mistake]:
    """The product of a line, or everything that is wrong with it. An empty field is as good as none."""
    values: dict[str, Any] = {}
    wrong: list[Mistake] = []
    for name, value in record.items():
        if value == "" or value is None:
            continue
        try:
            values[name] = PARSE[name](value, store)
        except BadValue as bad:
            wrong.append(Mistake(line, name, short(value), bad.expected))
    wrong += [
        Mistake(line, field, short(record.get(field) or ""), expected) for field, expected in _missing(values, record)
    ]
    return wrong or assemble(values)


def _missing(values: dict[str, Any], record: dict[str, Any]) -> list[tuple[str, str]]:
    """What only shows when the fields are seen together."""
    found = []
    if not record.get("gtin"):
        found.append(("gtin", "a GTIN"))
    if not NAMES & values.keys() and not any(record.get(name) for name in NAMES):
        found.append(("name", "a name"))
    if values.get("promo_buy", 0) <= values.get("promo_pay", -1):
        found.append(("promo_pay", "less than promo_buy"))
    if ("promo_buy" in values) != ("promo_pay" in values):
        found.append(("promo_buy", "promo_buy and promo_pay together"))
    if "promo_price" in values and values["promo_price"] >= values.get("price", math.inf):
        found.append(("promo_price", "less than price"))
    if "promo_from" in values and values["promo_from"] >= values.get("promo_until", math.inf):
        found.append(("promo_until", "after promo_from"))
    return found


def assemble(values: dict[str, Any]) -> Product:
    """The product that good values make."""
    return Product(
        gtin=values["gtin"],
        name=_words(values, "name"),
        price=values.get("price"),
        sold_by=values.get("sold_by", "piece"),
        size=values.get("size"),
        promotion=_promotion(values),
        category=values.get("category", ""),
        category_name=_words(values, "category", own=False),
        brand=_words(values, "brand"),
        origin=_words(values, "origin"),
        trace=_trace(values),
        reviews=_reviews(values),
        picture=values.get("picture", ""),
        art=values.get("art", ""),
        shelves=values.get("shelf", ()),
        goes_with=tuple(other for other in values.get("goes_with", ()) if other != values["gtin"]),
        here=values.get("here", True),
    )


def _words(values: dict[str, Any], name: str, *, own: bool = True) -> dict[str, str]:
    """The text in each language; where the language is not said, in the store's first."""
    found = {}
    plain = values.get(name) if own else None
    for tag, key in (("zh-CN", f"{name}_zh"), ("en", f"{name}_en")):
        if values.get(key):
            found[tag] = values[key]
    if plain and "zh-CN" not in found:
        found["zh-CN"] = plain
    return found


def _promotion(values: dict[str, Any]) -> Promotion | None:
    if not any(name in values for name in ("promo_price", "promo_buy", "promo_zh", "promo_en")):
        return None
    return Promotion(
        price=values.get("promo_price"),
        buy=values.get("promo_buy", 0),
        pay=values.get("promo_pay", 0),
        words=_words(values, "promo"),
        from_ms=values.get("promo_from"),
        until_ms=values.get("promo_until"),
    )


def _trace(values: dict[str, Any]) -> Trace | None:
    if not any(values.get(name) for name in ("batch", "made", "trace")):
        return None
    return Trace(values.get("batch", ""), values.get("made", ""), values.get("trace", ()))


def _reviews(values: dict[str, Any]) -> Reviews | None:
    if "stars" not in values or not values.get("reviews"):
        return None
    return Reviews(values["stars"], values["reviews"], values.get("said", ()))
