"""Moments as people write them, as instants: a day means the store's whole local day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_MINUTE: Final = 60
BOUNDS: Final = range(221_845_392_000_000)
"""Unix ms of `SPAN`: what a calendar still holds some years on."""
SPAN: Final = "a moment from 1970 to 8999"


def instant(text: str, zone: ZoneInfo, *, end: bool = False) -> int:
    """Returns the instant in Unix ms.

    `2026-12-31` is the day's beginning, or its end where `end` is asked. A local time that comes twice is the earlier
    one, or the later one for an end; one that the clock leaps over is the moment of the leap. Raises `ValueError`.
    """
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'expected a moment such as 2026-12-31 or 2026-12-31T22:00; found "{text}"') from None
    day = len(text) <= len("2026-12-31")
    try:
        # A day ends with the first moment of the next one, also where the clock shows that twice.
        found = _instant(said + timedelta(days=day and end), zone, end=end and not day)
    except (ValueError, OverflowError):
        found = -1
    if found not in BOUNDS:
        never = "; leave it out where there is no end" if end else ""
        raise ValueError(f'expected {SPAN}; found "{text}"{never}')
    return found


def _instant(said: datetime, zone: ZoneInfo, *, end: bool) -> int:
    if said.tzinfo is not None:
        return _ms(said)
    local = said.replace(tzinfo=zone, fold=1 if end else 0)
    return _leap(local, zone) if _left_out(local, zone) else _ms(local)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _left_out(local: datetime, zone: ZoneInfo) -> bool:
    back = local.astimezone(UTC).astimezone(zone)
    return back.replace(tzinfo=None, fold=0) != local.replace(tzinfo=None, fold=0)


def _leap(local: datetime, zone: ZoneInfo) -> int:
    """The first instant with the new offset, to the minute."""
    first, second = sorted(int(local.replace(fold=fold).timestamp()) // _MINUTE for fold in (0, 1))
    return _change(first, second, zone)


def clock_change(day: date, zone: ZoneInfo) -> int | None:
    """Returns the instant of that day at which the clock is set anew, in Unix ms; None where it is not."""
    first, second = (
        int(datetime.combine(each, time(), zone).timestamp()) // _MINUTE for each in (day, day + timedelta(days=1))
    )
    return None if _offset(first, zone) == _offset(second, zone) else _change(first, second, zone)


def _change(first: int, second: int, zone: ZoneInfo) -> int:
    """The first instant with another offset between two minutes."""
    before = _offset(first, zone)
    while second - first > 1:
        middle = (first + second) // 2
        first, second = (middle, second) if _offset(middle, zone) == before else (first, middle)
    return second * _MINUTE * 1000


def _offset(minute: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(minute * _MINUTE, UTC).astimezone(zone).utcoffset()
