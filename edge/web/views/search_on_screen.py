"""Search without a keyboard: what a screen shows after each key, or of a category."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from device_drivers.contract.answers.search import Category, Hint, Hit, Searched
from edge.products import artwork
from edge.products.pad import HOWS, press
from edge.products.pad_keys import first_keys
from words.languages import in_language

if TYPE_CHECKING:
    from edge.products.pad import Pad
    from edge.products.product import Product
    from edge.products.version import Version
    from edge.web.views.goods_on_screen import GoodsPresenter
    from words.languages import Language

MAX_GOODS: Final = 60
"""Goods in one answer."""
HINT: Final = 3
"""Characters of the name that the pad is explained with."""
_HAN: Final = re.compile(f"[\u4e00-\u9fff]{{{HINT}}}")


def search_view(
    version: Version | None, goods: GoodsPresenter, language: Language, *, typed: str, digits: bool, category: str
) -> Searched:
    """What these keys lead to, or, where none is pressed, what a category has; the nearest first."""
    pad = press(version, typed, language, digits, MAX_GOODS + 1)
    if version is None:
        return Searched(pad.typed, digits, lit=pad.lit, currency=goods.currency)
    in_category = "" if pad.typed or category not in version.category_words() else category
    hits = _hits(pad, goods)
    if in_category:
        tiles = goods.near_first([goods.tile(each) for each in version.in_category(in_category, MAX_GOODS + 1)])
        hits = [Hit(tile, "category") for tile in tiles]
    return Searched(
        pad.typed,
        digits,
        in_category,
        pad.lit,
        tuple(hits[:MAX_GOODS]),
        len(hits) > MAX_GOODS,
        categories(version, language),
        _hint(version, language),
        goods.currency,
    )


def _hits(pad: Pad, goods: GoodsPresenter) -> list[Hit]:
    """Those of the letters themselves before other words, each the nearest first."""
    found = [Hit(goods.tile(each.product), each.how, each.marked, each.meant) for each in pad.hits]
    order = {id(tile): at for at, tile in enumerate(goods.near_first([each.tile for each in found]))}
    return sorted(found, key=lambda hit: (not hit.tile.here, HOWS.index(hit.how), order[id(hit.tile)]))


def categories(version: Version, language: Language) -> tuple[Category, ...]:
    """Every category, that with the most goods first."""
    counts = version.category_counts()
    return tuple(
        Category(
            each.category, in_language(each.category_name, language, each.category), *_look(each), counts[each.category]
        )
        for each in sorted(version.category_heads(), key=lambda head: (-counts[head.category], head.category))
    )


def _look(head: Product) -> tuple[str, str]:
    return artwork.art_of_category(head), artwork.tint_of_category(head)


def _hint(version: Version, language: Language) -> Hint | None:
    """Only where letters are not simply those of the word."""
    if not language.startswith("zh"):
        return None
    for each in version.sample(MAX_GOODS):
        name = each.title(language)
        if _HAN.fullmatch(name):
            return Hint(name, next(iter(first_keys(name))).upper())
    return None
