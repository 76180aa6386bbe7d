"""When a version may be switched to: nobody is in the middle of something or holds it off, and the hour is right."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from edge.domain.box import queries as box
from edge.domain.box.facts import UpdateHeld, UpdateInstalled, UpdateLetGo, UpdateRolledBack, UpdateWaits, UpdateWanted
from edge.domain.noun import InUse, Noun
from edge.journal import Reads
from edge.journal.transaction import Reader
from edge.settings.hours import hours

DAY_MS: Final = 86_400_000
LONGEST_HOLD_MS: Final = 7 * DAY_MS
"""A lease is never longer than a week: nobody forgets an update for ever."""
ASKED_FOR_MS: Final = 30 * 60_000
"""After staff said now, it comes within this time or asks again."""


class Holding(NamedTuple):
    """What keeps a version waiting."""

    in_use: tuple[InUse, ...] = ()
    held: UpdateHeld | None = None
    asked: bool = False
    """Whether staff were asked when it may come."""
    wanted: bool = False
    """Whether staff said that it may come now."""

    @property
    def sentence(self) -> str:
        """What keeps it, for the terminal; empty where nothing does."""
        if self.held is not None:
            until = datetime.fromtimestamp(self.held.until_ms / 1000).astimezone()
            return f"{self.held.by} holds updates off until {until:%Y-%m-%d %H:%M} ({self.held.why})"
        return "in use: " + ", ".join(f"{each.what} {each.thing}" for each in self.in_use) if self.in_use else ""


def holding(journal: Path, nouns: Sequence[Noun], now_ms: int) -> Holding:
    """What keeps a version waiting now. Of a store without a journal nothing does."""
    try:
        with closing(Reader(journal)) as reads:
            return _holding(reads, nouns, now_ms)
    except sqlite3.Error:
        return Holding()  # a store that was never open, or whose tables another version made


def _holding(reads: Reads, nouns: Sequence[Noun], now_ms: int) -> Holding:
    in_use = tuple(each for noun in nouns for ask in noun.in_use for each in ask(reads))
    return Holding(in_use, _current_hold(reads, now_ms), _waits(reads), _wanted(reads, now_ms))


def _current_hold(reads: Reads, now_ms: int) -> UpdateHeld | None:
    held, let_go = box.last(reads, UpdateHeld), box.last(reads, UpdateLetGo)
    if held is None or (let_go is not None and let_go.place > held.place):
        return None
    began, until = held.at_ms, min(held.fact.until_ms, held.at_ms + LONGEST_HOLD_MS)
    # A clock that went back behind the lease's beginning does not make it longer.
    return msgspec.structs.replace(held.fact, until_ms=until) if began - DAY_MS <= now_ms < until else None


def _waits(reads: Reads) -> bool:
    waits = box.last(reads, UpdateWaits)
    ends = [end for fact in (UpdateInstalled, UpdateRolledBack) if (end := box.last(reads, fact))]
    return waits is not None and all(end.place < waits.place for end in ends)


def _wanted(reads: Reads, now_ms: int) -> bool:
    wanted, waits = box.last(reads, UpdateWanted), box.last(reads, UpdateWaits)
    if wanted is None or (waits is not None and waits.place > wanted.place):
        return False
    return abs(now_ms - wanted.at_ms) < ASKED_FOR_MS  # nor for longer where the clock has gone back since


def is_hour(text: str, zone: ZoneInfo, now_ms: int) -> bool:
    """Whether a moment lies in hours of the settings, in the store's time."""
    return hours(text).have(datetime.fromtimestamp(now_ms / 1000, zone))
