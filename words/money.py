"""Money in words: `¥12.90`, on slips and pages alike."""

from __future__ import annotations

from typing import Final

from words.countries import decimals

SYMBOLS: Final = {"CNY": "¥", "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "HKD": "HK$"}


def spell(currency: str, amount: int) -> str:
    """An amount of the currency's smallest unit."""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    places = decimals(currency)
    whole, rest = divmod(amount, 10**places)
    return f"{sign}{symbol}{whole}" + (f".{rest:0{places}d}" if places else "")
