"""Prices as a screen sets them: sign, whole part and cents in three sizes."""

from __future__ import annotations

import msgspec

from kiosk_ui.texts import DEFAULT
from words import money


class PriceParts(msgspec.Struct, frozen=True):
    """An amount in the three parts it is set in: `¥`, `12`, `.90`; or nothing, `12`, `,90 €`."""

    symbol: str
    whole: str
    cents: str

    def __str__(self) -> str:
        return f"{self.symbol}{self.whole}{self.cents}"


def split_price(amount: int, currency: str = "CNY", language: str = DEFAULT) -> PriceParts:
    """`1290` fen is `¥`, `12`, `.90`."""
    parts = money.price(amount, currency, language)
    return PriceParts(parts.before, parts.whole, parts.rest + parts.after)
