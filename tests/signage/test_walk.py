"""Random playlists at random instants, beside a walk that knows no intervals: it looks at the wall every minute."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from device_drivers.contract.playlists import PictureItem, Playlist, Window
from signage.playing import CLOSED, Programme, plays

ZONES = ("Europe/Berlin", "Asia/Shanghai", "America/St_Johns", "Australia/Lord_Howe", "America/Santiago")
WHOLE = 100_000
ROUNDS = os.environ.get("STOREKEEPER_ROUNDS")
ITEM = PictureItem(id="a", media={"en": "0" * 64})


Walked = dict[int, list[datetime]]


def walk(day: int, zone: ZoneInfo) -> list[datetime]:
    """For each minute of the day the first of the world at which the wall shows it or a later one."""
    midnight = datetime.fromordinal(day)
    moment = (midnight - timedelta(hours=15)).replace(tzinfo=UTC)
    found: list[datetime] = []
    while len(found) < 1440:
        shows = (moment.astimezone(zone).replace(tzinfo=None) - midnight) // timedelta(minutes=1)
        found += [moment] * (min(shows, 1439) + 1 - len(found))
        moment += timedelta(minutes=1)
    return found


def first_shown(day: int, minute: int, zone: ZoneInfo, seen: Walked) -> datetime:
    day, minute = day + minute // 1440, minute % 1440
    if day not in seen:
        seen[day] = walk(day, zone)
    return seen[day][minute]


def walked(
    playlists: tuple[Playlist, ...], zone: ZoneInfo, at: datetime, seen: dict[tuple[ZoneInfo, int, int], datetime]
) -> str:
    today = at.astimezone(zone).date().toordinal()
    best, name = -1, CLOSED.id
    for playlist in playlists:
        for day in range(today - 2, today + 1):
            for window in playlist.windows:
                if not window.days >> datetime.fromordinal(day).weekday() & 1:
                    continue
                over = 0 if window.end > window.start else 1440
                begins = first_shown(day, window.start, zone, seen)
                ends = first_shown(day, window.end + over, zone, seen)
                if begins <= at < ends and playlist.priority > best:
                    best, name = playlist.priority, playlist.id
    return name


def playlists(chance: random.Random) -> tuple[Playlist, ...]:
    made = []
    # Each its own: equal ones are one loop, and the wall shows which by the items' lengths.
    for number, priority in enumerate(chance.sample(range(1000), 6)):
        windows = tuple(
            Window(chance.randint(1, 127), chance.randrange(0, 1440, 15), chance.randrange(0, 1441, 15))
            for _ in range(chance.randint(1, 2))
        )
        made.append(Playlist(id=f"p{number}", priority=priority, items=(ITEM,), windows=windows))
    return tuple(made)


def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """Instants of a year at which the clock is set, to the hour."""
    hours = (datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(366 * 24))
    return [
        hour
        for hour in hours
        if hour.astimezone(zone).utcoffset() != (hour + timedelta(hours=1)).astimezone(zone).utcoffset()
    ]


@pytest.mark.parametrize("name", ZONES)
def test_equals_a_walk(name: str) -> None:
    chance, zone = random.Random(name), ZoneInfo(name)
    count = (WHOLE if ROUNDS else 300) // len(ZONES)
    seen: Walked = {}
    days = chance.sample(range(365), 365 if ROUNDS else 6)
    near = changes(zone, 2026) or [datetime(2026, 6, 1, tzinfo=UTC)]
    differing = []
    for number in range(count):
        if number % 50 == 0:
            rules = playlists(chance)
        # Half of them lie around a change of the clock, where mistakes are.
        if number % 2:
            at = chance.choice(near) + timedelta(milliseconds=chance.randrange(-129_600_000, 129_600_000))
        else:
            day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=chance.choice(days))
            at = day + timedelta(milliseconds=chance.randrange(86_400_000))
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        ours = plays(Programme(rules, name), None, round(at.timestamp() * 1000)).playlist
        if ours != (theirs := walked(rules, zone, at, seen)):
            differing.append((at.isoformat(), ours, theirs))
    assert differing == []
