"""The basket of whoever stands there: every sentence in the language on the glass, and money as numbers."""

from __future__ import annotations

import msgspec


class ScreenDiscount(msgspec.Struct, frozen=True):
    """One sum that was taken off."""

    name: str
    amount: int


class ScreenBasketLine(msgspec.Struct, frozen=True):
    """One line."""

    line: str
    gtin: str
    name: str
    detail: str = ""
    """Size, or weight and price of a kilogram."""
    off: str = ""
    """What was taken off and why; empty where nothing was."""
    warning: str = ""
    """Another price than when it was put in, or none now."""
    quantity: int = 1
    alone: bool = False
    pay: int | None = None
    shelf: int | None = None
    art: str = ""
    tint: str = "#E7E3D8"


class Nearly(msgspec.Struct, frozen=True):
    """What is missing to the next discount."""

    words: str
    percent: int = 0
    """Of the way there."""


class ParkingCode(msgspec.Struct, frozen=True):
    """What a phone takes it with."""

    url: str = ""
    digits: str = ""
    until_ms: int = 0


class CollectWay(msgspec.Struct, frozen=True):
    """One way of getting what is not on the shelf."""

    way: str
    words: str
    chosen: bool = False


class CollectOptions(msgspec.Struct, frozen=True):
    """What is not on the shelf: by when it is there, and what else can be chosen."""

    title: str
    note: str
    ways: tuple[CollectWay, ...] = ()


class ScreenBasket(msgspec.Struct, frozen=True):
    """The whole of it."""

    pieces: int = 0
    lines: tuple[ScreenBasketLine, ...] = ()
    total: int = 0
    shelf: int = 0
    saved: int = 0
    earns: int = 0
    payable: bool = True
    currency: str = "CNY"
    taken: tuple[ScreenDiscount, ...] = ()
    """What offers and coupons took off, named; the rest added up."""
    nearly: Nearly | None = None
    not_used: tuple[str, ...] = ()
    """Why a coupon of theirs did not apply, a sentence each."""
    said: tuple[str, ...] = ()
    """What else is worth saying: a gift to take, an age that staff looks at."""
    code: ParkingCode | None = None
    gone: str = ""
    """Where it went, once somebody took it: then the basket is empty."""
    own: bool = False
    """It is a member's, who showed their code here."""
    collecting: CollectOptions | None = None
    """For what is not on the shelf."""
