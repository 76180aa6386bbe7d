"""The terms of the ledger: what points are worth and how long, levels, days in a row, commission."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from edge.domain.setting import DAYS, MONEY, SHARE, Setting

Level = Literal["member", "silver", "gold", "diamond"]
LEVELS: Final[tuple[Level, ...]] = ("member", "silver", "gold", "diamond")
YEAR_DAYS: Final = 365
"""A level is judged by what was spent in so many days, and kept as long."""
DAY_MS: Final = 24 * 3600_000
NOTICE_DAYS: Final = (30, 7, 1)
"""How long before their end a member is told of points."""
WEEK: Final = 7
"""After so many days in a row there is more."""
FORGIVEN_DAYS: Final = 30
"""One missed day in so many is forgiven."""


class PointsRules(msgspec.Struct, frozen=True):
    """What points are worth."""

    worth: Annotated[int, Setting(unit=MONEY, ge=1, le=1_000_000)] = 1
    """What one point pays at the checkout."""
    step: Annotated[int, Setting(ge=1, le=1_000_000)] = 100
    """Points are used in multiples of this."""
    most: Annotated[float, Setting(unit=SHARE, ge=0, le=1)] = 0.5
    """What share of an order points may pay."""
    earn_every: Annotated[int, Setting(unit=MONEY, ge=0)] = 100
    """Money paid for one point; 0 gives no points for orders."""
    life_days: Annotated[int, Setting(unit=DAYS, ge=0, le=3650)] = 365
    """How long points are good, to the end of the store's day; 0 is for ever. Members are told 30, 7 and 1 days before.
    """
    back_days: Annotated[int, Setting(unit=DAYS, ge=0, le=3650)] = 30
    """Points that come back with a return are good for so long at least."""
    check_in: Annotated[int, Setting(ge=0, le=1_000_000)] = 5
    """Points for each day's check-in in the store."""
    week: Annotated[int, Setting(ge=0, le=1_000_000)] = 30
    """Points for every seventh day in a row on top of it."""


class LevelRules(msgspec.Struct, frozen=True):
    """What has to be spent within 365 days for a level; 0 gives it to nobody."""

    silver: Annotated[int, Setting(unit=MONEY, ge=0)] = 50_000
    """For silver."""
    gold: Annotated[int, Setting(unit=MONEY, ge=0)] = 200_000
    """For gold."""
    diamond: Annotated[int, Setting(unit=MONEY, ge=0)] = 1_000_000
    """For diamond."""

    def of(self, spent: int) -> Level:
        """Returns the highest level that so much gives."""
        reached: Level = "member"
        steps: tuple[tuple[Level, int], ...] = (("silver", self.silver), ("gold", self.gold), ("diamond", self.diamond))
        for level, least in steps:
            if least and spent >= least:
                reached = level
        return reached

    def next(self, level: Level) -> tuple[Level, int] | None:
        """Returns the level above, and what it takes."""
        steps: tuple[tuple[Level, int], ...] = (("silver", self.silver), ("gold", self.gold), ("diamond", self.diamond))
        above = [step for step in steps if step[1] and LEVELS.index(step[0]) > LEVELS.index(level)]
        return above[0] if above else None


class CommissionRules(msgspec.Struct, frozen=True):
    """What promoters get for the members that they bring."""

    first: Annotated[int, Setting(unit=MONEY, ge=0)] = 500
    """For a member's first order."""
    second: Annotated[int, Setting(unit=MONEY, ge=0)] = 200
    """For the second."""
    least: Annotated[int, Setting(unit=MONEY, ge=0)] = 2000
    """What has to be paid for an order that counts."""
    window_days: Annotated[int, Setting(unit=DAYS, ge=0, le=365)] = 7
    """How long goods may come back before it is settled."""
    a_day: Annotated[int, Setting(ge=0, le=10_000)] = 20
    """For so many orders a day at most, each promoter."""
    welcome: Annotated[str | None, Setting(form="id")] = None
    """The campaign whose coupon a promoter's new member gets as soon as their number is proven."""
    after_first: Annotated[str | None, Setting(form="id")] = None
    """The campaign whose coupon such a member gets after the first order."""


class LedgerRules(msgspec.Struct, frozen=True):
    """What the store agrees on about points, levels and commission."""

    points: Annotated[PointsRules, Setting()] = PointsRules()
    """What points are worth."""
    levels: Annotated[LevelRules, Setting()] = LevelRules()
    """What levels take."""
    commission: Annotated[CommissionRules, Setting()] = CommissionRules()
    """What promoters get."""


def day_of(now_ms: int, zone: ZoneInfo) -> date:
    """Returns the store's date."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()


def begin_of(day: date, zone: ZoneInfo) -> int:
    """Returns the first instant of a store's day, in Unix ms."""
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def end_after(now_ms: int, days: int, zone: ZoneInfo) -> int:
    """Returns the end of the store's day that is so many days ahead: the first instant that no longer belongs to it."""
    return begin_of(day_of(now_ms, zone) + timedelta(days=days + 1), zone)
