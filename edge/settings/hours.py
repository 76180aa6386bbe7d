"""Hours of a day in the store's own time, such as `22:00-06:00`, which lie across midnight."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

_FORM: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class Hours(NamedTuple):
    """From a minute of the day to another; the second is outside."""

    first: int
    last: int

    def have(self, moment: datetime) -> bool:
        """Whether a moment of the store's clock lies in them. Equal ends are the whole day."""
        minute = moment.hour * 60 + moment.minute
        if self.first < self.last:
            return self.first <= minute < self.last
        return minute >= self.first or minute < self.last


def hours(text: str) -> Hours:
    """Reads hours. Raises `ValueError`."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f'expected hours such as "22:00-06:00"; found "{text[:40]}"')
    begin_h, begin_m, end_h, end_m = map(int, found.groups())
    return Hours(begin_h * 60 + begin_m, end_h * 60 + end_m)


def checked(text: str) -> str:
    """Hours as they stand in a file. Raises `ValueError`."""
    hours(text)
    return text
