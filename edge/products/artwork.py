"""What stands where a product has no picture: a drawing of its kind or its first letter, on its category's ground."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Final

from edge.products.folding import fold
from edge.products.product import Product

TINTS: Final = {
    "milk": "#D9E8F8", "croissant": "#F4E0C4", "cheese": "#FBEBC4", "strawberry": "#F9D9DC", "diaper": "#DDEBF3",
    "formula": "#FBE8C8", "wipes": "#D8EFE6", "egg": "#F5E6CF", "apple": "#E9EBCB", "fish": "#F8DDCF",
    "bread": "#EBDDC6", "coffee": "#EADCCB", "gift": "#F6DCD4",
    "greens": "#DDEFD3", "carrot": "#FBE3C4", "tangerine": "#FBE6C8", "banana": "#FBEFC4", "grapes": "#E6E2F5",
    "meat": "#F6DCD4", "shrimp": "#F8DDCF", "butter": "#FBEFC4", "wine": "#F3D9DF", "potato": "#F1DFC8",
}  # fmt: skip
"""Grounds by drawing: light, the letters on them are dark."""
GROUNDS: Final = ("#E2F2E8", "#FBEBC4", "#D9E8F8", "#F6DCD4", "#E6E2F5", "#EADCCB", "#D8EFE6", "#F5E6CF")

KINDS: Final = {
    "milk": ("milk", "dairy", "yogurt", "牛奶", "乳品", "酸奶", "鲜奶"),
    "croissant": ("croissant", "pastry", "可颂", "糕点"),
    "cheese": ("cheese", "奶酪", "干酪", "芝士"),
    "strawberry": ("berries", "strawberry", "草莓", "浆果"),
    "diaper": ("diapers", "nappies", "纸尿裤", "尿不湿"),
    "formula": ("formula", "奶粉"),
    "wipes": ("wipes", "tissues", "湿巾", "纸巾"),
    "egg": ("eggs", "蛋类", "鸡蛋", "禽蛋"),
    "apple": ("apples", "苹果"),
    "fish": ("fish", "鱼类"),
    "bread": ("bread", "bakery", "面包", "吐司", "烘焙"),
    "coffee": ("coffee", "咖啡"),
    "butter": ("butter", "黄油"),
    "wine": ("wine", "wines", "spirits", "酒类", "葡萄酒"),
}
"""Words of categories, as they are folded; the first drawing that fits is taken."""


WHOLE: Final = {
    "tangerine": ("fruit", "fruits", "水果"),
    "greens": ("vegetables", "vegetable", "salad", "蔬菜", "青菜"),
    "meat": ("meat", "poultry", "beef", "pork", "肉类", "肉禽", "猪肉", "牛肉"),
    "shrimp": ("seafood", "shellfish", "海鲜", "水产"),
    "formula": ("baby", "baby-food", "母婴", "辅食"),
    "wipes": ("household", "日用", "日用品"),
}
"""Drawings that may stand for a whole category, and for none of its goods: a pear is no tangerine."""


def art_of_category(product: Product) -> str:
    """The drawing of its category; empty where none fits."""
    return _drawn(product, whole=True) or product.art


def art(product: Product) -> str:
    """The drawing that fits: its own, or one of its category; empty where none does."""
    if product.art:
        return product.art
    return _drawn(product)


def _drawn(product: Product, *, whole: bool = False) -> str:
    return _of_words(product.category, *product.category_name.values(), whole=whole)


@lru_cache(1024)
def _of_words(*category: str, whole: bool) -> str:
    said = [fold(text) for text in category]
    words = {word for text in said for word in text.split()}
    for name, kinds in ({**KINDS, **WHOLE} if whole else KINDS).items():
        if any(kind in words or (not kind.isascii() and any(kind in text for text in said)) for kind in kinds):
            return name
    return ""


def tint(product: Product) -> str:
    """The ground of its picture, #RRGGBB: the same for a whole category."""
    drawn = art(product)
    return TINTS.get(drawn) or _ground(product)


def tint_of_category(product: Product) -> str:
    """The ground of its category's picture."""
    return TINTS.get(art_of_category(product)) or _ground(product)


def _ground(product: Product) -> str:
    return GROUNDS[zlib.crc32((product.category or product.gtin).encode()) % len(GROUNDS)]


def initial(name: str) -> str:
    """The letter that stands for a product without a drawing."""
    folded = fold(name)
    return folded[:1].upper() or "·"
