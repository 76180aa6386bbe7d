"""Prices, sizes, promotions and places as a person says them, in every language of the store."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

from edge.products.placing import Place
from edge.products.pricing import Price
from edge.products.product import Product, Promotion, Size
from edge.products.unit_price import Measure
from edge.settings import store_time
from words.countries import decimals
from words.languages import Words
from words.money import SYMBOLS

MEASURES: Final[dict[Measure, tuple[str, str]]] = {
    "100g": ("100克", "100 g"),
    "kg": ("千克", "kg"),
    "100ml": ("100毫升", "100 ml"),
    "l": ("升", "l"),
    "m": ("米", "m"),
    "piece": ("件", "each"),
    "100pieces": ("100件", "100 pieces"),
}
UNITS: Final = {
    "g": ("克", "g"),
    "kg": ("千克", "kg"),
    "ml": ("毫升", "ml"),
    "cl": ("厘升", "cl"),
    "l": ("升", "l"),
    "m": ("米", "m"),
    "piece": ("件", "pieces"),
}
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NEAR_M: Final = 2.0
"""Closer than this is here."""


def money(amount: int, currency: str) -> str:
    """`1290` fen is `¥12.90`."""
    return "".join(parts(amount, currency))


def parts(amount: int, currency: str) -> tuple[str, str, str]:
    """`¥`, `12`, `.90`: as a price is set."""
    places = decimals(currency)
    whole, rest = divmod(amount, 10**places)
    return SYMBOLS.get(currency, f"{currency} "), str(whole), f".{rest:0{places}d}" if places else ""


def per_unit(price: Price, currency: str) -> Words:
    """`¥13.58/升`, `¥13.58 / l`; nothing where nothing is compared."""
    if price.unit is None:
        return {}
    zh, en = MEASURES[price.unit.per]
    amount = money(price.unit.price, currency)
    return {"zh-CN": f"{amount}/{zh}", "en": f"{amount} {en}" if en == "each" else f"{amount} / {en}"}


def price_for(product: Product) -> Words:
    """What the price is for, where it is not one of it."""
    return {"zh-CN": "/千克", "en": "/ kg"} if product.sold_by == "kg" else {}


def size(contents: Size | None) -> Words:
    """`6×330毫升`, `6 × 330 ml`."""
    if contents is None:
        return {}
    zh, en = UNITS[contents.unit]
    zh = contents.counter or zh
    if contents.unit == "piece" and contents.amount == "1":
        en = "piece"
    packs = ("", "") if contents.packs == 1 else (f"{contents.packs}×", f"{contents.packs} × ")
    return {"zh-CN": f"{packs[0]}{contents.amount}{zh}", "en": f"{packs[1]}{contents.amount} {en}"}


def grams(weight: int) -> Words:
    """`0.532千克`, `0.532 kg`."""
    return {"zh-CN": f"{weight / 1000:.3f}千克", "en": f"{weight / 1000:.3f} kg"}


def promotion(price: Price, currency: str) -> Words:
    """What is cheaper, in the store's own words or in plain ones; nothing where nothing is."""
    held = price.promotion
    if held is None:
        return {}
    if held.words:
        return held.words
    if held.buy:
        return {"zh-CN": f"买{held.buy}件，付{held.pay}件的钱", "en": f"Buy {held.buy}, pay for {held.pay}"}
    if price.now is None or price.was is None:
        return {}
    saved = money(price.was - price.now, currency)
    return {"zh-CN": f"特价，省{saved}", "en": f"Special price, you save {saved}"}


def until(held: Promotion | None, zone: tzinfo) -> Words:
    """The last day of a promotion, in the store's time."""
    if held is None or held.until_ms is None:
        return {}
    last = store_time.local(held.until_ms - 1, zone)
    return {"zh-CN": f"至{last.month}月{last.day}日", "en": f"until {last.day} {MONTHS[last.month - 1]}"}


def distance(place: Place) -> Words:
    """How far it is; nothing where nobody knows from where."""
    if place.metres is None:
        return {}
    if place.metres < NEAR_M:
        return {"zh-CN": "就在这里", "en": "right here"}
    return {"zh-CN": f"约{place.metres:.0f}米", "en": f"about {place.metres:.0f} m"}


def where(place: Place | None) -> Words:
    """`乳品烘焙 · 乳品货架卡 · 约8米`."""
    if place is None:
        return {}
    far = distance(place)
    return {
        language: " · ".join(filter(None, (place.zone_name.get(language, ""), label, far.get(language, ""))))
        for language, label in place.label.items()
    }
