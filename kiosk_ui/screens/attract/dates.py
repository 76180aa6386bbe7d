"""The day and the store's hours, in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from device_drivers.contract.playlists import Opening

Text = Callable[..., str]
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def weekday(local: datetime, text: Text) -> str:
    """`Wednesday`."""
    return text(f"attract.days.{DAYS[local.weekday()]}")


def date(local: datetime, text: Text) -> str:
    """`25 November`."""
    return text("attract.date", day=local.day, name=text(f"attract.months.m{local.month}"))


def date_and_day(local: datetime, text: Text) -> str:
    """Both."""
    return text("attract.date_and_day", date=date(local, text), weekday=weekday(local, text))


def hours_on(hours: Opening, local: datetime) -> str | None:
    """`08:00-22:00`, nothing where it is closed, None where nobody said."""
    said = hours.on.get(f"{local:%Y-%m-%d}")
    if said is not None:
        return said
    return hours.week[local.weekday()] if len(hours.week) == len(DAYS) else None


def open_now(hours: Opening, local: datetime, text: Text) -> str:
    """`Open until 22:00`, `Opens at 08:00`, `Closed today`; nothing where nobody said."""
    yesterday = hours_on(hours, local - timedelta(days=1))
    clock = f"{local:%H:%M}"
    if yesterday and (ends := _over_midnight(yesterday)) and clock < ends:
        return text("attract.open_until", at=ends)
    today = hours_on(hours, local)
    if today is None:
        return ""
    if not today:
        return text("attract.closed_today")
    begin, _, end = today.partition("-")
    if clock < begin:
        return text("attract.opens_at", at=begin)
    if clock < end or _over_midnight(today):
        return text("attract.open_until", at=end)
    return text("attract.closed_now")


def _over_midnight(hours: str) -> str:
    """When they end on the next day; nothing where they do not."""
    begin, _, end = hours.partition("-")
    return end if end <= begin else ""


def week(hours: Opening, local: datetime, text: Text) -> tuple[str, ...]:
    """Today's hours and those of the next two days."""
    found = []
    for ahead in range(3):
        day = local + timedelta(days=ahead)
        said = hours_on(hours, day)
        if said is None:
            return ()
        name = text("attract.today") if ahead == 0 else weekday(day, text)
        when = said.replace("-", " – ") if said else text("attract.closed")
        found.append(text("attract.day_hours", day=name, hours=when))
    return tuple(found)
