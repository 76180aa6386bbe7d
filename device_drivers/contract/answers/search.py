"""Search without a keyboard."""

from __future__ import annotations

import msgspec

from device_drivers.contract.answers.goods import ProductTile


class Category(msgspec.Struct, frozen=True):
    """A way in without letters."""

    id: str
    name: str
    art: str = ""
    tint: str = "#E7E3D8"
    count: int = 0
    """Goods in it."""


class Hint(msgspec.Struct, frozen=True):
    """How the pad is used, by a good of this store: 鲜牛奶 is XNN."""

    name: str
    keys: str


class Hit(msgspec.Struct, frozen=True):
    """A product that was found, and by what."""

    tile: ProductTile
    how: str = "letters"
    """`letters`, `brand`, `other` (another word for it), `slip`, `category`."""
    marked: tuple[int, int] | None = None
    """From where to where of its name the letters stand for."""
    meant: str = ""
    """The brand, or the other word."""


class Searched(msgspec.Struct, frozen=True):
    """What the search shows."""

    typed: str = ""
    digits: bool = False
    category: str = ""
    lit: str = ""
    """The keys that lead on."""
    hits: tuple[Hit, ...] = ()
    more: bool = False
    """There are more than these."""
    categories: tuple[Category, ...] = ()
    hint: Hint | None = None
    currency: str = "CNY"
