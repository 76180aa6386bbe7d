"""What stands where a product has no picture: a drawing of its kind or its first letter, on its category's ground."""

from __future__ import annotations

import zlib
from typing import Final

from edge.products.folding import fold
from edge.products.product import Product

TINTS: Final = {
    "milk": "#D9E8F8", "croissant": "#F4E0C4", "cheese": "#FBEBC4", "strawberry": "#F9D9DC", "diaper": "#DDEBF3",
    "formula": "#FBE8C8", "wipes": "#D8EFE6", "egg": "#F5E6CF", "apple": "#E9EBCB", "fish": "#F8DDCF",
    "bread": "#EBDDC6", "coffee": "#EADCCB", "gift": "#F6DCD4",
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
}
"""Words of categories, as they are folded; the first drawing that fits is taken."""


def art(product: Product) -> str:
    """The drawing that fits: its own, or one of its category; empty where none does."""
    if product.art:
        return product.art
    said = [fold(text) for text in (product.category, *product.category_name.values())]
    words = {word for text in said for word in text.split()}
    for name, kinds in KINDS.items():
        if any(kind in words or (not kind.isascii() and any(kind in text for text in said)) for kind in kinds):
            return name
    return ""


def tint(product: Product) -> str:
    """The ground of its picture, #RRGGBB: the same for a whole category."""
    drawn = art(product)
    if drawn in TINTS:
        return TINTS[drawn]
    return GROUNDS[zlib.crc32((product.category or product.gtin).encode()) % len(GROUNDS)]


def initial(name: str) -> str:
    """The letter that stands for a product without a drawing."""
    folded = fold(name)
    return folded[:1].upper() or "·"
