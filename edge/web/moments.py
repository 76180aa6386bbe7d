"""Times as people say them: "tomorrow, 22:13", never "11-26 22:13". In the time of the store."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from edge.settings.store_time import local

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from edge.web.language import Texts

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
WEEK: Final = 7


def now_ms() -> int:
    """What the box's own clock says, Unix milliseconds: codes are made and end by it; all else goes by `Reads.now`."""
    return time.time_ns() // 1_000_000


def time_of_day(ms: float, zone: tzinfo) -> str:
    """The time of day."""
    return local(ms, zone).strftime("%H:%M")


def last_moment(end_ms: int, zone: tzinfo) -> int:
    """What people are told of an end, the first moment at which a thing is over: at midnight it is the day before."""
    return end_ms - 1 if local(end_ms, zone).strftime("%H:%M:%S") == "00:00:00" else end_ms


def moment_in_words(texts: Texts, language: str, ms: float, now: int, zone: tzinfo) -> str:
    """A moment near today by the day's name, others by the date; the year where it is another one."""
    return moment_said_by(partial(texts.say, language), ms, now, zone)


def moment_said_by(say: Callable[..., str], ms: float, now: int, zone: tzinfo) -> str:
    """The same, by whoever says sentences in one language."""
    moment, today = local(ms, zone), local(now, zone)
    days = (moment.date() - today.date()).days
    values = {"time": moment.strftime("%H:%M"), "day": moment.day, "year": moment.year}
    if -1 <= days <= 1:
        return say(f"moments.{('yesterday', 'today', 'tomorrow')[days + 1]}", **values)
    month = say("moments.months").split("|")[moment.month - 1]
    if moment.year != today.year:
        return say("moments.year", month=month, **values)
    if 1 < days < WEEK:
        weekday = say("moments.weekdays").split("|")[moment.weekday()]
        return say("moments.weekday", weekday=weekday, month=month, **values)
    return say("moments.date", month=month, **values)


def duration_in_words(texts: Texts, language: str, ms: int) -> str:
    """How long something took, in minutes, or hours and minutes."""
    minutes = max(1, round(ms / MINUTE_MS))
    if minutes < 60:
        return texts.say(language, "moments.minutes" if minutes > 1 else "moments.minute", minutes=minutes)
    hours, rest = divmod(minutes, 60)
    name = "moments.hours" if rest else "moments.full_hours" if hours > 1 else "moments.full_hour"
    return texts.say(language, name, hours=hours, minutes=rest)
