"""What a person is told who was refused, and what they can do about it: the sentences of `refusals.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from words.money import format_money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from words.sentences import Texts

MINUTE_S: Final = 60


def sentence(texts: Texts, language: str, code: str, members: Mapping[str, Any]) -> str:
    """The sentence for this code, with the members of its problem document; the one for the reason among them, where
    that has its own. `{when}` is when to come back, `{fee_text}` the sum in `fee`. Raises `KeyError` where nothing is
    said of it.
    """
    key = f"{code}.{members.get('reason', '')}"
    values = {**members, **_when(texts, language, members), **_amounts(language, members)}
    return texts.say(language, key if texts.has(key) else f"refusals.{code}", **values)


def _when(texts: Texts, language: str, members: Mapping[str, Any]) -> dict[str, str]:
    seconds = members.get("seconds")
    if not isinstance(seconds, int):
        return {}
    minutes = seconds >= 2 * MINUTE_S
    count = -(-seconds // MINUTE_S) if minutes else seconds
    return {"when": texts.say(language, "wait.minutes" if minutes else "wait.seconds", count=count)}


def _amounts(language: str, members: Mapping[str, Any]) -> dict[str, str]:
    """Sums in words, where the members name a currency."""
    currency = members.get("currency")
    if not isinstance(currency, str):
        return {}
    sums = {name: value for name, value in members.items() if type(value) is int}
    return {f"{name}_text": format_money(value, currency, language) for name, value in sums.items()}
