"""How the value of each field is read, whatever stands there: the value, or `BadValue` with what was expected."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from edge.products.mistakes import BadValue, did_you_mean
from edge.products.product import Size, Unit
from edge.trade import LENGTHS, gtin14

MOST_MONEY: Final = 10_000_000_00
MOST_PACKS: Final = 1000
MOST_LISTED: Final = 12
"""Shelves, or products that go with one."""

UNITS: Final[dict[str, Unit]] = {
    "g": "g", "gr": "g", "克": "g", "kg": "kg", "千克": "kg", "公斤": "kg", "ml": "ml", "毫升": "ml", "cl": "cl",
    "l": "l", "升": "l", "m": "m", "米": "m", "piece": "piece", "pieces": "piece", "pcs": "piece", "个": "piece",
    "只": "piece", "片": "piece", "枚": "piece", "包": "piece", "袋": "piece", "盒": "piece", "抽": "piece",
}  # fmt: skip
_SIZE: Final = re.compile(
    r"(?:(\d{1,4})\s*[x×*]\s*)?(\d{1,6}(?:\.\d{1,3})?)\s*([a-z\u4e00-\u9fff]{1,6})", re.IGNORECASE
)
MOMENT: Final = "a date such as 2026-12-31, or a time with its zone: 2026-12-31T22:00+08:00"
_PICTURE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}\.(?:jpg|jpeg|png|webp)")
_LIST: Final = re.compile(r"[\s|,;]+")
_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f]+")


class Store(msgspec.Struct, frozen=True):
    """What the store's settings say that products refer to."""

    shelves: frozenset[str] = frozenset()
    """Touchpoints of the purpose `shelf`."""
    arts: frozenset[str] = frozenset()
    decimals: int = 2
    """Of the currency."""


Parse = Callable[[Any, Store], Any]


def text(most: int) -> Parse:
    """One line of text of at most so many letters."""

    def parse(value: Any, _: Store) -> str:
        if not isinstance(value, str | int | float):
            raise BadValue("text")
        clean = _SPACE.sub(" ", str(value)).strip()
        if len(clean) > most:
            raise BadValue(f"at most {most} letters, found {len(clean)}")
        return clean

    return parse


def gtin(value: Any, _: Store) -> str:
    """Any of the four lengths, as 14 digits."""
    found = gtin14(str(value).strip())
    if found is None:
        lengths = ", ".join(map(str, LENGTHS[:-1])) + f" or {LENGTHS[-1]}"
        raise BadValue(f"{lengths} digits, the last one the right check digit")
    return found


def money(value: Any, store: Store) -> int:
    """`12.90` is 1290; no more decimals than the currency has."""
    expected = f"an amount such as {'12.90' if store.decimals else '1290'}"
    try:
        amount = Decimal(str(value).strip()).scaleb(store.decimals)
    except InvalidOperation:
        raise BadValue(expected) from None
    if not amount.is_finite() or amount != amount.to_integral_value():
        raise BadValue(f"{expected}, with at most {store.decimals} decimals")
    if not 0 <= amount <= MOST_MONEY:
        raise BadValue(f"{expected}, from 0 to {MOST_MONEY // 10**store.decimals}")
    return int(amount)


def count(least: int, most: int) -> Parse:
    """A whole number."""

    def parse(value: Any, _: Store) -> int:
        digits = str(value).strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and least <= int(digits) <= most):
            raise BadValue(f"a whole number from {least} to {most}")
        return int(digits)

    return parse


def stars(value: Any, _: Store) -> float:
    """A mean of reviews, to one decimal."""
    try:
        found = float(str(value).strip())
    except ValueError:
        found = math.nan
    if not 1 <= found <= 5:
        raise BadValue("a number from 1 to 5")
    return round(found, 1)


def size(value: Any, _: Store) -> Size:
    """`950 ml`, `1.5kg`, `6 x 330 ml`, `15 枚`."""
    found = _SIZE.fullmatch(str(value).strip())
    unit = UNITS.get(found[3].lower()) if found else None
    if found is None or unit is None:
        raise BadValue("a size such as 950 ml, 1.5 kg, 6 x 330 ml or 15 pieces")
    packs = int(found[1] or 1)
    if float(found[2]) <= 0 or not 1 <= packs <= MOST_PACKS:
        raise BadValue("a size above nothing")
    return Size(found[2], unit, packs)


def one_of(known: Callable[[Store], frozenset[str]], what: str) -> Parse:
    """One word of a closed list."""

    def parse(value: Any, store: Store) -> str:
        word = str(value).strip()
        words = known(store)
        if word not in words:
            meant = did_you_mean(word, words)
            raise BadValue(f"{what}: did you mean {meant!r}?" if meant else f"{what}: {', '.join(sorted(words))}")
        return word

    return parse


def listed(parse_one: Parse) -> Parse:
    """Several of them, apart by spaces, commas, semicolons or bars, or a JSON list."""

    def parse(value: Any, store: Store) -> tuple[str, ...]:
        words = value if isinstance(value, list) else [word for word in _LIST.split(str(value)) if word]
        if len(words) > MOST_LISTED:
            raise BadValue(f"at most {MOST_LISTED}, found {len(words)}")
        return tuple(dict.fromkeys(parse_one(word, store) for word in words))

    return parse


def day(value: Any, _: Store) -> str:
    """An ISO date."""
    try:
        return date.fromisoformat(str(value).strip()).isoformat()
    except ValueError:
        raise BadValue("a date such as 2026-12-31") from None


def moment(*, end: bool) -> Parse:
    """A date (from its first, or until its last moment, by this box's clock) or a time with its zone."""

    def parse(value: Any, _: Store) -> int:
        word = str(value).strip()
        try:
            if len(word) == 10:
                at = datetime.combine(date.fromisoformat(word) + timedelta(days=end), time()).astimezone()
            else:
                at = datetime.fromisoformat(word)
            ms = int(at.timestamp() * 1000)
        except (ValueError, OverflowError):
            raise BadValue(MOMENT) from None
        if at.tzinfo is None:
            raise BadValue(MOMENT)
        return ms

    return parse


def yes(value: Any, _: Store) -> bool:
    """Yes or no."""
    word = str(value).strip().lower()
    if word in ("yes", "true", "1", "y", "是", "有"):
        return True
    if word in ("no", "false", "0", "n", "否", "无"):
        return False
    raise BadValue("yes or no")


def picture(value: Any, _: Store) -> str:
    """The name of a file; never a path."""
    if not isinstance(value, str) or not _PICTURE.fullmatch(value.strip()):
        raise BadValue("the name of a .jpg, .png or .webp file in the catalogue's pictures folder")
    return value.strip()


def structs(kind: Any, example: str) -> Parse:
    """A JSON list of parts; JSON Lines only."""

    def parse(value: Any, _: Store) -> Any:
        try:
            return msgspec.convert(value, tuple[kind, ...])
        except msgspec.ValidationError as error:
            raise BadValue(f"a list such as {example} ({error})") from None

    return parse
