"""Trade items as codes name them. GTIN-8, -12, -13 and -14 are one number, with fewer or more zeros in front."""

from __future__ import annotations

from typing import Final

import msgspec

LENGTHS: Final = (8, 12, 13, 14)


class Trade(msgspec.Struct, frozen=True, omit_defaults=True):
    """A trade item as its code tells it."""

    gtin: str
    """14 digits."""
    form: str
    """The kind of number: `gtin8`, `upce`, `upca`, `ean13`, `itf14`, `gs1`, `digital_link`, `in_store`, `isbn` …"""
    item: str = ""
    """The store's own item number, of an in-store code."""
    weight_g: int | None = None
    price: int | None = None
    """What is to be paid for it, in the store's currency's smallest unit."""
    count: int | None = None
    batch: str = ""
    serial: str = ""
    best_before: str = ""
    """ISO date."""
    use_by: str = ""
    """ISO date."""


def check_digit(digits: str) -> int:
    """The mod-10 check digit that follows `digits`; GS1 General Specifications 7.9.1."""
    return -sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))) % 10


def checks(digits: str) -> bool:
    """Whether the last digit is right."""
    return digits.isascii() and digits.isdigit() and check_digit(digits[:-1]) == int(digits[-1])


def gtin14(text: str) -> str | None:
    """The number in its 14 digits; none where length or check digit say that it is no GTIN."""
    return text.zfill(14) if len(text) in LENGTHS and checks(text) else None


def shown(gtin: str) -> str:
    """As it stands under the bars: 13 digits, or 8 of a GTIN-8, or all 14 of a case."""
    if gtin.startswith("000000"):
        return gtin[6:]
    return gtin.removeprefix("0")
