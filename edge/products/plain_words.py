"""Prices, sizes, promotions and places as a person says them, in one language."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Final

from edge.products.pricing import ShelfPrice
from edge.products.product import Product, Promotion, Size
from edge.products.shelf_locations import ShelfLocation
from edge.settings import store_time
from words.languages import in_language
from words.money import format_money, format_number
from words.sentences import say

NEAR_M: Final = 2.0
"""Closer than this is here."""
COUNTERS: Final = frozenset({"zh-CN"})
"""Languages that count pieces with a word of their own."""


def per_unit(price: ShelfPrice, currency: str, language: str) -> str:
    """`¥13.58/升`, `¥13.58 / l`; empty where nothing is compared."""
    if price.unit is None:
        return ""
    amount = format_money(price.unit.price, currency, language)
    return say(language, f"goods.per.{price.unit.per}", price=amount)


def price_for(product: Product, language: str) -> str:
    """What the price is for, where it is not one of it."""
    return say(language, "goods.per_kg") if product.sold_by == "kg" else ""


def size(contents: Size | None, language: str) -> str:
    """`6×330毫升`, `6 × 330 ml`."""
    if contents is None:
        return ""
    unit = say(language, f"goods.unit.{contents.unit}", count=1 if contents.amount == "1" else 2)
    if contents.counter and language in COUNTERS:
        unit = contents.counter
    amount = contents.amount.replace(".", say(language, "number.decimal"))
    return say(
        language, "goods.size" if contents.packs == 1 else "goods.packs", packs=contents.packs, amount=amount, unit=unit
    )


def grams(weight: int, language: str) -> str:
    """`0.532千克`, `0.532 kg`."""
    return say(language, "goods.weight", kilos=format_number(weight / 1000, 3, language))


def promotion(price: ShelfPrice, currency: str, language: str) -> str:
    """What is cheaper, in the store's own words or in plain ones; empty where nothing is."""
    held = price.promotion
    if held is None:
        return ""
    if held.words:
        return in_language(held.words, language)
    if held.buy:
        return say(language, "goods.buy", buy=held.buy, pay=held.pay)
    if price.now is None or price.was is None:
        return ""
    return say(language, "goods.special", saved=format_money(price.was - price.now, currency, language))


def until(held: Promotion | None, zone: tzinfo, language: str) -> str:
    """The last day of a promotion, in the store's time."""
    if held is None or held.until_ms is None:
        return ""
    last = store_time.local(held.until_ms - 1, zone)
    month = say(language, "moments.months").split("|")[last.month - 1]
    return say(language, "goods.until", day=last.day, month=month)


def day(iso: str, today: date, language: str) -> str:
    """An ISO date or moment of a product's trace: `11月23日 06:20`, `23. Nov.`; with its year where that is not
    today's.
    """
    if not iso:
        return ""
    at = datetime.fromisoformat(iso)
    month = say(language, "moments.months").split("|")[at.month - 1]
    known = at.year == today.year
    said = say(language, "goods.day" if known else "moments.year", day=at.day, month=month, year=at.year)
    return f"{said} {at:%H:%M}" if "T" in iso else said


def distance(place: ShelfLocation, language: str) -> str:
    """How far it is; empty where nobody knows from where."""
    if place.metres is None:
        return ""
    return say(language, "goods.here" if place.metres < NEAR_M else "goods.away", metres=f"{place.metres:.0f}")


def where(place: ShelfLocation | None, language: str) -> str:
    """`乳品烘焙 · 乳品货架卡 · 约8米`."""
    if place is None:
        return ""
    # A zone with a single shelf may have its name.
    names = dict.fromkeys((in_language(place.zone_name, language), in_language(place.label, language)))
    return " · ".join(filter(None, (*names, distance(place, language))))
