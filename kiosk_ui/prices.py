"""Prices as a screen sets them: sign, whole part and cents in three sizes."""

from __future__ import annotations

from typing import Final

import msgspec

SYMBOLS: Final = {
    "CNY": ("¥", 2),
    "USD": ("$", 2),
    "EUR": ("€", 2),
    "GBP": ("£", 2),
    "HKD": ("HK$", 2),
    "JPY": ("¥", 0),
}
"""Currency sign and decimals; an unknown currency shows its code and two."""


class Price(msgspec.Struct, frozen=True):
    """An amount in the three parts it is set in: `¥`, `12`, `.90`."""

    symbol: str
    whole: str
    cents: str

    def __str__(self) -> str:
        return f"{self.symbol}{self.whole}{self.cents}"


def split_price(amount: int, currency: str = "CNY") -> Price:
    """`1290` fen is `¥`, `12`, `.90`."""
    symbol, decimals = SYMBOLS.get(currency, (f"{currency} ", 2))
    whole, cents = divmod(amount, 10**decimals)
    return Price(symbol, str(whole), f".{cents:0{decimals}d}" if decimals else "")
