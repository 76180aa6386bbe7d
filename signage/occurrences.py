"""When a playlist has its time: half-open intervals of Unix milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from device_drivers.contract.playlists import Playlist, Window
from signage.days import Wall

FOREVER: Final = 2**53
Span = tuple[int, int]
"""From the first instant to the one that is outside."""
_WHOLE: Final = (Window(),)
REACH: Final = 2
"""A window that begins on one day ends on the next at the latest; a day may be skipped whole between the two."""


def ms(moment: datetime) -> int:
    """An instant in Unix milliseconds."""
    return round(moment.timestamp() * 1000)


def bounds(playlist: Playlist) -> Span:
    """What the phase leaves of any window."""
    return (
        ms(playlist.since) if playlist.since else -FOREVER,
        ms(playlist.until) if playlist.until else FOREVER,
    )


def days(playlist: Playlist) -> Span:
    """The first and the last day that a window may begin on, as ordinals."""
    return (
        playlist.first_day.toordinal() if playlist.first_day else 1,
        playlist.last_day.toordinal() if playlist.last_day else 3_652_059,
    )


def begun_on(window: Window, day: int, clock: Wall) -> Span:
    """The interval of a window that begins on this day. Empty where the clock skips it."""
    start = clock.instant(day, window.start)
    if window.end > window.start:
        return start, clock.instant(day, window.end)
    return start, clock.instant(day + 1, window.end)


def spans(playlist: Playlist, first: int, last: int, clock: Wall) -> Iterator[Span]:
    """The playlist's intervals of the windows that begin on these days, both within; none of them is empty. They may
    touch and lie over each other.
    """
    least, most = bounds(playlist)
    begin, end = days(playlist)
    windows = playlist.windows or (Window(),)
    for day in range(max(first, begin), min(last, end) + 1):
        weekday = 1 << (day - 1) % 7
        for window in windows:
            if window.days & weekday:
                start, stop = begun_on(window, day, clock)
                start, stop = max(start, least), min(stop, most)
                if start < stop:
                    yield start, stop


def span_at(playlist: Playlist, at: int, today: int, clock: Wall) -> Span | None:
    """The interval that an instant lies in, the one that ends last; `today` is the day that it then is."""
    least, most = bounds(playlist) if playlist.since or playlist.until else (-FOREVER, FOREVER)
    if not least <= at < most:
        return None
    if not playlist.windows and playlist.first_day is None and playlist.last_day is None:
        return least, most
    begin, end = days(playlist)
    found: Span | None = None
    for window in playlist.windows or _WHOLE:
        # One that ends on the day that it begins on has ended by the next.
        for day in (today,) if window.end > window.start else (today, today - 1):
            if window.days >> (day - 1) % 7 & 1 and begin <= day <= end:
                start, stop = begun_on(window, day, clock)
                if start <= at < stop and (found is None or stop > found[1]):
                    found = start, stop
    return None if found is None else (max(found[0], least), min(found[1], most))


def next_start(playlist: Playlist, at: int, before: int, today: int, clock: Wall) -> int | None:
    """The first instant after this one and before another, less than a day later, at which an interval begins."""
    if playlist.since and at < ms(playlist.since) < before:
        return ms(playlist.since)
    begin, end = days(playlist)
    found: int | None = None
    for window in playlist.windows or _WHOLE:
        for day in (today, today + 1):
            if window.days >> (day - 1) % 7 & 1 and begin <= day <= end:
                start = clock.instant(day, window.start)
                if at < start < before and (found is None or start < found):
                    found = start
    return found


def next_edge(playlist: Playlist, at: int, today: int, clock: Wall, ahead: int) -> int | None:
    """The next instant after this one at which an interval begins or ends, among those of the next days."""
    edges = (edge for span in spans(playlist, today - REACH, today + ahead, clock) for edge in span if edge > at)
    return min(edges, default=None)
