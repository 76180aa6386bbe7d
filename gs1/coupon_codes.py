"""The two coupon codes of North America, AI 8110 and 8112 (GS1 US, "North American Coupon Application Guideline")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

_RULES: Final = frozenset("0123")
_REQUIREMENTS: Final = frozenset("012349")


class _Bad(ValueError):
    """What is wrong."""


class _Digits:
    """Reads a value from its front."""

    def __init__(self, text: str) -> None:
        if not (text.isascii() and text.isdigit()):
            raise _Bad("not only digits")
        self.rest = text

    def take(self, count: int, what: str) -> str:
        if len(self.rest) < count:
            raise _Bad(f"{what} is cut off")
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def sized(self, what: str, lengths: range, plus: int = 0) -> str:
        """A field behind a digit that says how long it is."""
        length = int(self.take(1, f"the length of {what}"))
        if length not in lengths:
            raise _Bad(f"{what}: length {length}")
        return self.take(length + plus, what)

    def end(self) -> None:
        if self.rest:
            raise _Bad("more than there should be")

    def one_of(self, known: frozenset[str], what: str) -> str:
        found = self.take(1, what)
        if found not in known:
            raise _Bad(f"{what}: {found}")
        return found

    def prefix(self, what: str) -> str:
        """A company prefix of 6 to 12 digits; 9 says that there is none."""
        if self.rest.startswith("9"):
            return self.take(1, what)
        return self.sized(what, range(7), plus=6)


def coupon(text: str) -> str:
    """What is wrong with an 8110; empty where nothing is."""
    try:
        digits = _Digits(text)
        digits.sized("the company prefix", range(7), plus=6)
        digits.take(6, "the offer code")
        digits.sized("the value", range(1, 6))
        _purchase(digits, "the first purchase")
        _optional(digits)
    except _Bad as bad:
        return f"coupon: {bad}"
    return ""


def offer(text: str) -> str:
    """What is wrong with an 8112; empty where nothing is."""
    try:
        digits = _Digits(text)
        digits.one_of(frozenset("01"), "the format")
        digits.sized("the funder", range(7), plus=6)
        digits.take(6, "the offer code")
        digits.sized("the serial number", range(10), plus=6)
        digits.end()
    except _Bad as bad:
        return f"offer: {bad}"
    return ""


def _purchase(digits: _Digits, what: str) -> None:
    digits.sized(f"{what}'s requirement", range(1, 6))
    digits.one_of(_REQUIREMENTS, f"{what}'s requirement code")
    digits.take(3, f"{what}'s family code")


def _optional(digits: _Digits) -> None:
    """Fields 1 to 6 and 9, each at most once, in rising order."""
    last = "0"
    days: dict[str, dt.date] = {}
    while digits.rest:
        field = digits.take(1, "a field")
        if field not in "1234569" or field <= last:
            raise _Bad(f"field {field}")
        last = field
        if field in "34":
            days[field] = _day(digits, "the last day" if field == "3" else "the first day")
        else:
            _FIELDS[field](digits)
    if len(days) == 2 and days["3"] < days["4"]:
        raise _Bad("it ends before it begins")


def _further(digits: _Digits) -> None:
    _purchase(digits, "a further purchase")
    digits.prefix("a further purchase's company prefix")


def _second(digits: _Digits) -> None:
    digits.one_of(_RULES, "the rule for further purchases")
    _further(digits)


def _day(digits: _Digits, what: str) -> dt.date:
    text = digits.take(6, what)
    try:
        return dt.date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        raise _Bad(f"{what}: {text}") from None


def _last(digits: _Digits) -> None:
    digits.one_of(frozenset("01256"), "the value's code")
    digits.one_of(frozenset("012"), "which item the value is for")
    digits.take(1, "the store coupon flag")
    digits.one_of(frozenset("01"), "the flag against doubling")
    digits.end()


_FIELDS: Final[dict[str, Callable[[_Digits], object]]] = {
    "1": _second,
    "2": _further,
    "5": lambda digits: digits.sized("the serial number", range(10), plus=6),
    "6": lambda digits: digits.sized("the retailer", range(1, 8), plus=6),
    "9": _last,
}
