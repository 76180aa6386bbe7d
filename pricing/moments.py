"""Whether a campaign's days and hours hold, in the store's zone."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pricing.campaigns import WEEKDAYS, Condition
from pricing.instants import clock_change

_AHEAD: Final = 430
"""Days that are searched for the next one that holds: a Friday the 13th comes again within them."""


class Moment:
    """An instant, as the store's calendar and clock show it."""

    def __init__(self, now_ms: int, timezone: str) -> None:
        self.ms = now_ms
        self._zone = ZoneInfo(timezone)
        self.local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(self._zone)

    def holds(self, when: Condition) -> bool:
        """Whether weekday, day of the month and hours hold."""
        if not (when.hours or when.weekdays or when.month_days):
            return True
        if not when.hours:
            return _day_holds(when, self.local.date())
        return any(self._window_holds(when, *window(hours)) for hours in when.hours)

    def _window_holds(self, when: Condition, start: time, end: time) -> bool:
        today, now = self.local.date(), self.local.time()
        if start < end:
            return start <= now < end and _day_holds(when, today)
        if now >= start and _day_holds(when, today):
            return True
        return now < end and _day_holds(when, today - timedelta(days=1))

    def next_from(self, when: Condition) -> int | None:
        """The next instant at which day and hours hold."""
        starts = [window(hours)[0] for hours in when.hours] or [time()]
        for ahead in range(_AHEAD):
            day = self.local.date() + timedelta(days=ahead)
            if not _day_holds(when, day):
                continue
            begins = [at for at in self._begins(day, starts) if at > self.ms and Moment(at, self._zone.key).holds(when)]
            if begins:
                return min(begins)
        return None

    def _begins(self, day: date, starts: Sequence[time]) -> Iterator[int]:
        """When hours of that day may begin: at their time, which may come twice, and where the clock is set to them."""
        for start in starts:
            for fold in (0, 1):
                yield round(datetime.combine(day, start.replace(fold=fold), self._zone).timestamp() * 1000)
        if (change := clock_change(day, self._zone)) is not None:
            yield change

    def days_to(self, month_day: str) -> int:
        """Days between today and the nearest such day of a year, such as `05-17`."""
        today = self.local.date()
        month, day = (int(part) for part in month_day.split("-"))
        years = (today.year - 1, today.year, today.year + 1)
        return min(abs((_on(year, month, day) - today).days) for year in years)


def window(hours: str) -> tuple[time, time]:
    """Start and end of `22:00-02:00`; `24:00` is midnight. Raises `ValueError` for anything else."""
    start, dash, end = hours.partition("-")
    if not dash:
        raise ValueError(f'expected hours such as "11:00-14:00"; found "{hours}"')
    return _clock(start), _clock(end)


def _clock(text: str) -> time:
    hour, colon, minute = text.strip().partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2):
        raise ValueError(f'expected a time such as "09:30"; found "{text}"')
    if (hour, minute) == ("24", "00"):
        return time()
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f'expected a time from "00:00" to "24:00"; found "{text}"')
    return time(int(hour), int(minute))


def _day_holds(when: Condition, day: date) -> bool:
    if when.weekdays and WEEKDAYS[day.weekday()] not in when.weekdays:
        return False
    if not when.month_days:
        return True
    last = calendar.monthrange(day.year, day.month)[1]
    return day.day in when.month_days or (day.day == last and max(when.month_days) > last)


def _on(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
