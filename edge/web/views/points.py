"""Points as their owner sees them: their worth, the way to the next level, this week's check-ins, the history."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.ledger import checking_in, queries
from edge.domain.ledger.rules import WEEK, Level, day_of

if TYPE_CHECKING:
    from edge.domain.ledger.rules import LedgerRules
    from edge.web.web import Web

AT_ONCE: Final = 50
"""So many lines of the history on one page."""


class CheckInDay(msgspec.Struct, frozen=True):
    """One day of the row of seven."""

    day: str
    weekday: int
    """Monday is 0."""
    state: str
    """`done`, `missed` and forgiven, `today`, or `ahead`."""
    points: int
    """What a check-in brings then."""


class StreakView(msgspec.Struct, frozen=True):
    """Days in a row."""

    days: int
    today: bool
    """Whether today's check-in is done."""
    forgives: bool
    """Whether a missed day would be forgiven."""
    week: tuple[CheckInDay, ...]


class ExpiringPoints(msgspec.Struct, frozen=True):
    """Points that end together."""

    points: int
    ends_ms: int


class PointsView(msgspec.Struct, frozen=True):
    """Everything of one person's points."""

    points: int
    """Below 0 where a return took what had been spent."""
    free: int
    """What can be used now; the rest is kept for a basket."""
    worth: int
    """What that pays, in the smallest unit."""
    step: int
    step_worth: int
    level: Level
    level_until_ms: int | None
    spent: int
    """In 365 days."""
    next: Level | None
    lacking: int
    """Money up to the next level."""
    share: int
    """Percent of the way to it."""
    row: StreakView
    ends: tuple[ExpiringPoints, ...]
    """The first to end first."""
    entries: tuple[queries.LedgerEntry, ...]
    """The latest first."""
    more: int | None
    """What to ask for the entries before these."""


def points(web: Web, member: str, now: int, *, before: int = 2**62, limit: int = AT_ONCE) -> PointsView:
    """Returns what there is to say of a member's points."""
    reads = web.reads
    rules, has = queries.rules_of(reads), queries.balance(reads, member, now)
    standing = queries.level_status(reads, member, now)
    entries = queries.history(reads, member, before=before, limit=limit + 1)
    return PointsView(
        points=has.points,
        free=has.free,
        worth=has.free * rules.points.worth,
        step=rules.points.step,
        step_worth=rules.points.step * rules.points.worth,
        level=standing.level,
        level_until_ms=standing.until_ms,
        spent=standing.spent,
        next=standing.next,
        lacking=standing.lacking,
        share=_share(standing),
        row=_row(web, member, now, rules),
        ends=_ends(web, member, now),
        entries=tuple(entries[:limit]),
        more=entries[limit - 1].place if len(entries) > limit else None,
    )


def _share(standing: queries.LevelStatus) -> int:
    whole = standing.spent + standing.lacking
    return 100 if not standing.next else max(0, min(100, standing.spent * 100 // whole)) if whole else 0


def _ends(web: Web, member: str, now: int) -> tuple[ExpiringPoints, ...]:
    found: dict[int, int] = {}
    for lot in queries.lots(web.reads, member, now):
        if lot.ends_ms is not None:
            found[lot.ends_ms] = found.get(lot.ends_ms, 0) + lot.left
    return tuple(ExpiringPoints(left, ends) for ends, left in found.items())


def _row(web: Web, member: str, now: int, rules: LedgerRules) -> StreakView:
    """The seven days of the row that today is or would be in; a forgiven day stands among those that were."""
    before, goes_on, done = checking_in.awaited(web.reads, member, now)
    days = before.days if before and goes_on else 0
    today = day_of(now, queries.zone_of(web.reads))
    place = (days - 1) % WEEK if done else days % WEEK
    week = []
    for number in range(WEEK):
        day = today + timedelta(days=number - place)
        state = "done" if number < place or (number == place and done) else "today" if number == place else "ahead"
        at = days - place + number + 1 - (1 if done else 0)
        bonus = rules.points.week if at % WEEK == 0 else 0
        week.append(CheckInDay(day.isoformat(), day.weekday(), state, rules.points.check_in + bonus))
    return StreakView(days, done, checking_in.may_forgive(before, today), tuple(week))
