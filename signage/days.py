"""A time on the store's wall as an instant: the first moment at which the wall shows it or, where it skips it, later.

So a time that comes twice is the first of the two, and one that never comes is the end of the gap.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

MINUTE: Final = 60_000
DAY: Final = 86_400_000
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Wall:
    """The clock of one place. Days are ordinals, as `date.toordinal` counts them; instants are Unix milliseconds."""

    def __init__(self, zone: str) -> None:
        """Raises `zoneinfo.ZoneInfoNotFoundError`, a `KeyError`, or `ValueError` for what is no zone."""
        self.zone = ZoneInfo(zone)
        self._midnights: dict[int, int | None] = {}

    def day(self, at_ms: int) -> int:
        """The day that it is at an instant."""
        return self._local(at_ms).toordinal()

    def instant(self, day: int, minute: int) -> int:
        """The first instant at which the wall shows this minute of the day, or a later one. 1440 is the next day's
        midnight.
        """
        if minute >= 1440:
            day, minute = day + minute // 1440, minute % 1440
        if day not in self._midnights:
            if len(self._midnights) > 4000:
                self._midnights.clear()
            self._midnights[day] = self._midnight_of_plain_day(day)
        midnight = self._midnights[day]
        if midnight is not None:
            return midnight + minute * MINUTE
        return self._first(datetime.combine(date.fromordinal(day), datetime.min.time()) + timedelta(minutes=minute))

    def _local(self, at_ms: int) -> datetime:
        return (_START + timedelta(milliseconds=at_ms)).astimezone(self.zone)

    def _midnight_of_plain_day(self, day: int) -> int | None:
        """Midnight of a day whose clock is not set; none where it is."""
        midnight = datetime.combine(date.fromordinal(day), datetime.min.time())
        following = midnight + timedelta(days=1)
        offsets = {
            wall.replace(tzinfo=self.zone, fold=fold).utcoffset() for wall in (midnight, following) for fold in (0, 1)
        }
        return self._first(midnight) if len(offsets) == 1 else None

    def _first(self, wall: datetime) -> int:
        early, late = (_ms(wall.replace(tzinfo=self.zone, fold=fold)) for fold in (0, 1))
        return early if early <= late else self._change(late, early)

    def _change(self, before: int, after: int) -> int:
        """The instant between two at which the clock is set forward."""
        offset = self._local(before).utcoffset()
        while after - before > 1:
            middle = (before + after) // 2
            if self._local(middle).utcoffset() == offset:
                before = middle
            else:
                after = middle
        return after


def _ms(moment: datetime) -> int:
    return (moment - _START) // _MILLISECOND


@lru_cache(16)
def wall(zone: str) -> Wall:
    """The clock of a zone; see `Wall`."""
    return Wall(zone)
