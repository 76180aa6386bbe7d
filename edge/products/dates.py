"""Days and times as tables write them. What may be two days is refused, and both are named."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from edge.products.amounts import plain
from edge.products.mistakes import BadValue
from edge.settings import store_time

DAY: Final = "a date such as 2026-12-31"
MOMENT: Final = "a date such as 2026-12-31, or a time with its zone: 2026-12-31T22:00+08:00"
_FIRST: Final = date(1990, 1, 1)
_LAST: Final = date(2099, 12, 31)
"""Days of goods and offers lie between these."""
_YEAR_FIRST: Final = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_MIDNIGHT: Final = re.compile(r"[T ]\s*0?0:00(:00(\.0+)?)?$")
_SERIAL: Final = re.compile(r"(\d{5})(?:[.,]\d+)?")


def day(value: Any, expected: str = DAY) -> date:
    """The day. Raises `BadValue`."""
    text = _MIDNIGHT.sub("", plain(value))
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        month, of_month = (part for part in (found[3], found[4], found[5], found[6], found[7], found[8]) if part)
        return _day(int(found[1]), int(month), int(of_month), expected)
    found = _YEAR_LAST.fullmatch(text)
    if found:
        return _day(int(found[4]), *_which(text, found, expected), expected)
    serial = _SERIAL.fullmatch(text)
    if serial and 20_000 <= int(serial[1]) <= 80_000:
        meant = date(1899, 12, 30) + timedelta(days=int(serial[1]))
        raise BadValue(f"{expected}; {text} is a spreadsheet's number for {meant}: make the column a date, or text")
    raise BadValue(expected)


def _which(text: str, found: re.Match[str], expected: str) -> tuple[int, int]:
    """Month and day of `31.12.2026` and `12/31/2026`: dots put the day first, slashes either."""
    one, other = int(found[1]), int(found[3])
    if found[2] == "." or one > 12:
        return other, one
    if other > 12 or one == other:
        return one, other
    year = int(found[4])
    raise BadValue(f"{expected}; {text} may be {year}-{one:02d}-{other:02d} or {year}-{other:02d}-{one:02d}")


def _day(year: int, month: int, of_month: int, expected: str) -> date:
    try:
        found = date(year, month, of_month)
    except ValueError:
        raise BadValue(f"{expected}; there is no such day") from None
    if not _FIRST <= found <= _LAST:
        raise BadValue(f"{expected}; between {_FIRST.year} and {_LAST.year}")
    return found


def moment(value: Any, zone: tzinfo | None, *, end: bool) -> int:
    """Unix milliseconds of a time with its zone, or of the first or (`end`) last moment of a day in `zone`."""
    text = plain(value)
    if ":" in text and not _MIDNIGHT.search(text):
        try:
            at = datetime.fromisoformat(text.replace("/", "-"))
        except ValueError:
            raise BadValue(MOMENT) from None
        if at.tzinfo is None:
            raise BadValue(MOMENT)
        _day(at.year, at.month, at.day, MOMENT)
        return int(at.timestamp() * 1000)
    of = day(text, MOMENT) + timedelta(days=end)
    return start_of(of, zone)


def start_of(of: date, zone: tzinfo | None) -> int:
    """Unix milliseconds of a day's first moment. `zone`: none is this machine's own."""
    if zone is not None:
        return store_time.start_of(of, zone)
    return int(datetime.combine(of, time()).astimezone().timestamp() * 1000)
