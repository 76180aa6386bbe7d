"""Trade item numbers: GTIN-8, -12, -13 and -14 are one number, written with fewer or more zeros in front."""

from __future__ import annotations

from typing import Final

LENGTHS: Final = (8, 12, 13, 14)


def check_digit(digits: str) -> int:
    """The mod-10 check digit that follows `digits`; GS1 General Specifications 7.9.1."""
    return -sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))) % 10


def gtin14(text: str) -> str | None:
    """The number in its 14 digits; none where length or check digit say that it is no GTIN."""
    if len(text) not in LENGTHS or not (text.isascii() and text.isdigit()):
        return None
    if check_digit(text[:-1]) != int(text[-1]):
        return None
    return text.zfill(14)


def shown(gtin: str) -> str:
    """As it stands under the bars: 13 digits, or 8 of a GTIN-8, or all 14 of a case."""
    if gtin.startswith("000000"):
        return gtin[6:]
    return gtin.removeprefix("0")
