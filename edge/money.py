"""Money in words: `¥12.90`, on slips and pages alike."""

from __future__ import annotations

from typing import Final

SYMBOLS: Final = {"CNY": "¥", "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "HKD": "HK$"}
WHOLE: Final = frozenset({"JPY", "KRW", "VND"})
"""Currencies whose smallest unit is the unit."""


def spell(currency: str, amount: int) -> str:
    """An amount of the currency's smallest unit."""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    if currency in WHOLE:
        return f"{sign}{symbol}{amount}"
    return f"{sign}{symbol}{amount // 100}.{amount % 100:02d}"
