"""What a shopper is told of a code, in one language: what it is, why the store thinks so, and what to do."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.codes.readings import Reading
from gs1.trade import Trade
from words.languages import in_language
from words.money import format_money, format_number
from words.sentences import has, say


class Description(msgspec.Struct, frozen=True):
    """One reading in words."""

    title: str
    text: str
    reason: str
    label: str
    """Of the button; empty where there is nothing to press."""


SORTED: Final = frozenset({"unknown", "payment", "product"})
"""Kinds that come in sorts, some of which have words of their own."""
GOODS: Final = frozenset({"isbn", "issn", "ismn", "in_store"})
"""Sorts of products that have words of their own."""


def describe(reading: Reading, language: str, currency: str = "CNY") -> Description:
    """A reading in words, in a store with this currency."""
    key = _key(reading)
    title, text = say(language, f"{key}.title"), say(language, f"{key}.text")
    if reading.kind == "product" and reading.next.do == "look":
        text = _of_trade(reading.trade, language, currency)
    if reading.title and not reading.refused:
        title = in_language(reading.title, language)
    label = say(language, f"code.label.{reading.next.do}")
    return Description(title, text, say(language, f"code.reason.{reading.reason}"), label)


def refused(reading: Reading, refusal: str, language: str) -> tuple[str, str]:
    """Title and sentence for a code that was refused now."""
    key = f"code.refused.{refusal}"
    if has(f"{key}.title"):
        return say(language, f"{key}.title"), say(language, f"{key}.text")
    why = f"refusals.{refusal}"
    return say(language, f"code.kind.{reading.kind}.title"), say(language, why if has(why) else "screen.not_now")


def _key(reading: Reading) -> str:
    """Where its title and its sentence stand."""
    if reading.refused:
        return f"code.refused.{reading.refused}"
    sort = f"code.sort.{reading.what}"
    own = reading.what in GOODS if reading.kind == "product" else has(f"{sort}.title")
    return sort if own and reading.kind in SORTED else f"code.kind.{reading.kind}"


def _of_trade(trade: Trade | None, language: str, currency: str) -> str:
    """What the code adds to the product: weight, price, pieces, batch, dates."""
    if trade is None:
        return ""
    values: dict[str, dict[str, object]] = {
        "weight": {"kilos": trade.weight_g is not None and format_number(trade.weight_g / 1000, 3, language)},
        "price": {"price": trade.price is not None and format_money(trade.price, currency, language)},
        "count": {"count": trade.count},
        "batch": {"batch": trade.batch},
        "best_before": {"day": trade.best_before},
        "use_by": {"day": trade.use_by},
    }
    parts = [
        say(language, f"code.trade.{name}", **value)
        for name, value in values.items()
        if all(each is not None and each is not False and each != "" for each in value.values())
    ]
    return say(language, "comma").join(parts)
