"""The terms of screens: when their panels shine, and how often somebody looks unannounced."""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec

from edge.domain.setting import Setting

HOUR_MS: Final = 3_600_000
QUARTER_MS: Final = HOUR_MS // 4
"""Every clock on earth stands off UTC by whole quarters of an hour."""
LONGEST_MS: Final = HOUR_MS
"""No screen says more in one piece."""
LONGEST_SESSION_MS: Final = 24 * HOUR_MS
"""Nobody stays longer at a screen."""
EARLY_MS: Final = 5 * 60_000
"""A screen's clock may be so far ahead of the gateway's."""
OLDEST_MS: Final = 62 * 24 * HOUR_MS
"""What is said to have been before that was said by a wrong clock."""
PLACES: Final = 64
"""Of so many places of one screen it is counted how often they are opened: no screen has more."""
SAMPLES_FOR_MS: Final = 7 * 24 * HOUR_MS
"""Over how long the looks at a screen are summed up."""

_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)(?: ([1-9]\d?|100)%)?")


class DisplayRules(msgspec.Struct, frozen=True):
    """The store's agreement about its screens."""

    panel_hours: Annotated[tuple[str, ...], Setting()] = ()
    """When panels shine, and how brightly: `["07:30-20:00", "20:00-22:30 40%"]`, in the store's time; outside of all of
    them they are dark. Empty: panels are left alone."""
    samples_a_day: Annotated[int, Setting(ge=0, le=200)] = 12
    """How often a day, at secret moments, the gateway looks whether each screen shows what it should. 0: never."""

    def __post_init__(self) -> None:
        for text in self.panel_hours:
            panel_hours(text)


def panel_hours(text: str) -> tuple[int, int, int | None]:
    """First and last minute of the day, and the brightness in percent. Raises `ValueError`."""
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError(f'panel_hours: expected hours such as "07:30-20:00" or "20:00-22:30 40%"; found "{text[:40]}"')
    begin_h, begin_m, end_h, end_m, percent = found.groups()
    first, last = int(begin_h) * 60 + int(begin_m), int(end_h) * 60 + int(end_m)
    return first, last, int(percent) if percent else None
