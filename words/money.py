"""Money and numbers as each language writes them: `¥12.90`, `12,90 €`."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from words import numbers
from words.countries import decimals
from words.languages import FALLBACK
from words.sentences import say

SYMBOLS: Final = {"CNY": "¥", "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "HKD": "HK$"}


class MoneyParts(NamedTuple):
    """An amount in the parts that it is set in: `¥`, `12`, `.90`, or `12`, `,90`, ` €`."""

    before: str
    whole: str
    rest: str
    after: str


def price(amount: int, currency: str, language: str = FALLBACK) -> MoneyParts:
    """An amount of the currency's smallest unit, in parts."""
    symbol = SYMBOLS.get(currency, currency)
    places = decimals(currency)
    whole, rest = divmod(abs(amount), 10**places)
    before, after = say(language, "money.price", symbol=symbol, amount="\0").split("\0")
    if before and currency not in SYMBOLS:
        before += " "
    sign = numbers.MINUS if amount < 0 else ""
    whole_said, point = numbers.grouped(whole, partial(say, language)), say(language, "number.decimal")
    return MoneyParts(sign + before, whole_said, f"{point}{rest:0{places}d}" if places else "", after)


def format_money(amount: int, currency: str, language: str = FALLBACK) -> str:
    """An amount of the currency's smallest unit: `1290` fen is `¥12.90`."""
    return "".join(price(amount, currency, language))


def format_number(value: float, places: int, language: str = FALLBACK) -> str:
    """A number with so many places: `0.532`, `0,532`."""
    return numbers.decimal(value, places, partial(say, language))


def format_share(share: float, places: int = 0, language: str = FALLBACK) -> str:
    """A part of one as percent: `53%`, `99,8 %`."""
    return numbers.share(share, partial(say, language), places)


def format_percent(value: float, language: str = FALLBACK) -> str:
    """A number that is percent already: `13%`, `9,5 %`."""
    return numbers.percent(value, partial(say, language))


def format_bytes(count: float, language: str = FALLBACK) -> str:
    """Bytes in the unit that people read: `1.2 GB`."""
    return numbers.size(count, partial(say, language))


def format_span(seconds: float, language: str = FALLBACK) -> str:
    """How long that is, in the largest unit of which there are two: `3 h`, `2 Tage`."""
    return numbers.span(seconds, partial(say, language))


def format_plain(value: float, language: str = FALLBACK) -> str:
    """A number with the places that it has: `15`, `12.5`, `12,5`."""
    return numbers.plain(value, partial(say, language))
