"""The fields of a product's line. A line is good when every field that stands in it is."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any, Final

from edge.products.dates import day as iso_day
from edge.products.mistakes import BadValue, Mistake, short
from edge.products.product import Product, Promotion, Review, Reviews, Size, Step, Stock, Trace
from edge.products.unit_price import contents
from edge.products.values import (
    Parse,
    StoreContext,
    address,
    count,
    day,
    gtin,
    listed,
    moment,
    money,
    nothing,
    one_of,
    picture,
    pieces,
    plain,
    rate,
    size,
    stars,
    structs,
    text,
    weight,
    yes,
)

FIELDS: Final = (
    "gtin", "name", "name_zh", "name_en", "name_de", "price", "sold_by", "size",
    "category", "category_zh", "category_en", "category_de",
    "brand", "brand_zh", "brand_en", "brand_de", "origin", "origin_zh", "origin_en", "origin_de",
    "promo_price", "promo_buy", "promo_pay", "promo_zh", "promo_en", "promo_de", "promo_from", "promo_until",
    "batch", "made", "best_before", "trace", "report", "stars", "reviews", "said", "picture", "art", "shelf", "level",
    "goes_with", "here", "stock", "elsewhere", "tax", "no_offers", "age",
)  # fmt: skip
TAGS: Final = {"zh": "zh-CN", "en": "en", "de": "de"}
"""The languages of a text, by the end of its column's name."""
NAMES: Final = frozenset(("name", *(f"name_{end}" for end in TAGS)))
UNIT: Final = "unit"
"""What a price is for, as tills tell it; of a weight it becomes that of a kilogram. No field of a product."""
LOSES: Final = frozenset(("gtin", "price", "sold_by", UNIT, "no_offers", "age"))
"""A mistake in one of these loses the product: what it is, what it costs and who may buy it must be right. Any other
loses itself."""
REVIEW: Final = 1000
MAX_PIECES: Final = 9_999_999
MAX_PRICE: Final = 10**12
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d")
STEP: Final = 200
"""Letters that somebody may have said of a product, or that a step on its way may have."""


def _review(review: Review) -> None:
    if not 1 <= review.stars <= 5:
        raise BadValue(f"reviews of 1 to 5 stars, found {review.stars}")
    if len(review.words) > REVIEW or len(review.by) > 60:
        raise BadValue(f"reviews of at most {REVIEW} letters, found {max(len(review.words), len(review.by))}")


def _step(step: Step) -> None:
    if step.on:
        iso_day(step.on.partition("T")[0])
        if "T" in step.on and not _TIME.fullmatch(step.on):
            raise BadValue(f"steps on a date, or a date and time such as 2026-11-23T06:20; found {short(step.on)}")
    if any(len(words) > STEP for words in step.words.values()):
        raise BadValue(f"steps of at most {STEP} letters")


def _stock(stock: Stock) -> None:
    if not 0 <= stock.count <= MAX_PIECES or any(len(words) > 60 for words in stock.store.values()):
        raise BadValue(f"stores with names of at most 60 letters, each with 0 to {MAX_PIECES} pieces")
    if stock.price is not None and not 0 <= stock.price <= MAX_PRICE:
        raise BadValue(f"prices of 0 to {MAX_PRICE} in the currency's smallest unit")
    if not any(stock.store.values()):
        raise BadValue('stores with a name, such as {"store": {"en": "Web shop"}, "count": 230}')


PARSE: Final[dict[str, Parse]] = {
    "gtin": gtin,
    **dict.fromkeys(NAMES, text(200)),
    **{f"{name}{end}": text(60) for name in ("brand", "category") for end in ("", *(f"_{end}" for end in TAGS))},
    **{f"{name}_{end}": text(120) for name in ("origin", "promo") for end in TAGS},
    **dict.fromkeys(("origin", "batch"), text(120)),
    "price": money,
    "promo_price": money,
    "promo_buy": count(2, 99),
    "promo_pay": count(1, 98),
    "promo_from": moment(end=False),
    "promo_until": moment(end=True),
    "sold_by": one_of(lambda _: frozenset(("piece", "kg")), "how it is sold"),
    "size": size,
    UNIT: weight,
    "made": day,
    "best_before": day,
    "report": address,
    "level": count(1, 20),
    "stock": pieces(MAX_PIECES),
    "elsewhere": structs(Stock, '[{"store": {"en": "North Street"}, "count": 4}]', _stock),
    "trace": structs(Step, '[{"words": {"zh-CN": "…", "en": "…"}, "on": "2026-11-20"}]', _step),
    "stars": stars,
    "reviews": count(0, 99_999_999),
    "said": structs(Review, '[{"stars": 5, "words": "…"}]', _review),
    "picture": picture,
    "art": one_of(lambda store: store.arts, "a drawing"),
    "shelf": listed(one_of(lambda store: store.shelves, "a touchpoint of the purpose shelf")),
    "goes_with": listed(gtin),
    "here": yes,
    "tax": rate,
    "no_offers": yes,
    "age": count(0, 99),
}


def read(
    line: int, record: dict[str, Any], store: StoreContext, left_out: list[Mistake] | None = None
) -> Product | list[Mistake]:
    """The product of a line, or everything that is wrong with it. An empty field is as good as none.

    What costs only its own field is no reason to lose the product: it is noted in `left_out`.
    """
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in record.items():
        if value == "" or nothing(value, name=name in NAMES):
            continue
        try:
            values[name] = PARSE[name](value, store)
        except BadValue as bad:
            wrong[name] = bad.expected
    if nothing(record.get("gtin")):
        wrong["gtin"] = "a GTIN"
    if not NAMES & values.keys() and not NAMES & wrong.keys():
        wrong["name"] = "a name"
    wrong |= _for_a_kilogram(record, values)
    wrong |= _promoted(values, wrong)
    kept = not LOSES & wrong.keys() and bool(NAMES & values.keys())
    mistakes = [
        Mistake(line, name, short(record.get(name) or ""), expected, left_out=kept) for name, expected in wrong.items()
    ]
    if not kept:
        return mistakes
    if left_out is not None:
        left_out += mistakes
    return assemble(values)


def _for_a_kilogram(record: dict[str, Any], values: dict[str, Any]) -> dict[str, str]:
    """Makes prices for 斤, 500 g and the like those for a kilogram; what is wrong where that is not exact."""
    grams: Fraction | None = values.pop(UNIT, None)
    if grams is None or values.get("sold_by") == "piece" or _is_of_size(grams, record, values.get("size")):
        return {}
    prices = {name: values[name] * 1000 for name in ("price", "promo_price") if name in values}
    if not grams or any(price % grams for price in prices.values()):
        return {UNIT: "a unit such as kg, 500g or piece: write the price for 1 kg"}
    values.update({name: int(price / grams) for name, price in prices.items()}, sold_by="kg")
    return {}


def _is_of_size(grams: Fraction, record: dict[str, Any], size: Size | None) -> bool:
    """Whether the unit is that of the size beside it, or the package weighs just this much: then a piece is sold."""
    word = re.escape(plain(record[UNIT]).lower())
    own = re.fullmatch(rf"[\d.,\s]*\d\s*(?:{word})?", plain(record.get("size") or "").lower())
    return own is not None or (size is not None and contents(size) == (grams, "g"))


def _promoted(values: dict[str, Any], wrong: dict[str, str]) -> dict[str, str]:
    """What is wrong with a promotion as a whole. One that is not right in every part is left out: half of it would be
    another one.
    """
    found = {}
    if ("promo_buy" in values) != ("promo_pay" in values):
        found["promo_buy"] = "promo_buy and promo_pay together"
    elif values.get("promo_buy", 0) <= values.get("promo_pay", -1):
        found["promo_pay"] = "less than promo_buy"
    if "promo_price" in values and values["promo_price"] >= values.get("price", math.inf):
        found["promo_price"] = "less than price"
    if "promo_from" in values and values["promo_from"] >= values.get("promo_until", math.inf):
        found["promo_until"] = "after promo_from"
    if found or any(name.startswith("promo_") for name in wrong):
        for name in [name for name in values if name.startswith("promo_")]:
            del values[name]
    return {name: expected for name, expected in found.items() if name not in wrong}


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
        level=values.get("level", 0),
        stock=values.get("stock"),
        elsewhere=values.get("elsewhere", ()),
        goes_with=tuple(other for other in values.get("goes_with", ()) if other != values["gtin"]),
        here=values.get("here", True),
        tax_bp=values.get("tax"),
        no_offers=values.get("no_offers", False),
        age=values.get("age", 0),
    )


def _words(values: dict[str, Any], name: str, *, own: bool = True) -> dict[str, str]:
    """The text in each language; where the language is not said, in the store's first."""
    found = {}
    plain = values.get(name) if own else None
    for end, tag in TAGS.items():
        if values.get(f"{name}_{end}"):
            found[tag] = values[f"{name}_{end}"]
    if plain and "zh-CN" not in found:
        found["zh-CN"] = plain
    return found


def _promotion(values: dict[str, Any]) -> Promotion | None:
    if not any(name in values for name in ("promo_price", "promo_buy", "promo_zh", "promo_en", "promo_de")):
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
    if not any(values.get(name) for name in ("batch", "made", "trace", "best_before", "report")):
        return None
    return Trace(
        values.get("batch", ""),
        values.get("made", ""),
        values.get("trace", ()),
        values.get("best_before", ""),
        values.get("report", ""),
    )


def _reviews(values: dict[str, Any]) -> Reviews | None:
    if "stars" not in values or not values.get("reviews"):
        return None
    return Reviews(values["stars"], values["reviews"], values.get("said", ()))
