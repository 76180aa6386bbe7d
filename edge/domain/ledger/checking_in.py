"""A day's check-in: points for it, more for each seventh day in a row; one missed day in thirty is forgiven."""

from __future__ import annotations

from datetime import date

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.ledger.facts import CheckedIn, PointsBooked, Reason
from edge.domain.ledger.queries import Streak, rules_of, streak, zone_of
from edge.domain.ledger.rules import FORGIVEN_DAYS, WEEK, day_of, end_after
from edge.domain.members.queries import no_member
from edge.journal import Reads, Tx


class CheckInResult(msgspec.Struct, frozen=True):
    """What came of it."""

    already: bool
    """They had been here today."""
    days: int
    """In a row, today included."""
    points: int
    """What it brought now."""
    forgiven: bool = False
    """Whether a missed day was forgiven for it."""


@asked_by(Proof.DEVICE)
def check_in(tx: Tx, *, caller: Caller, touchpoint: str = "") -> CheckInResult:
    """Be here today. Once for each of the store's days, whichever phone of the person asks.

    Refuses: not_registered (guests as well), consent_missing, consent_outdated.
    """
    if (stranger := no_member(tx, caller.member)) is not None:
        raise stranger
    today, before = day_of(tx.now, zone_of(tx)), streak(tx, caller.member)
    if before is not None and today.isoformat() <= before.day:  # also where the clock was set back
        return CheckInResult(True, before.days, 0)
    days, forgiven = following(before, today)
    fact = CheckedIn(member=caller.member, day=today.isoformat(), streak=days, forgiven=forgiven, touchpoint=touchpoint)
    tx.emit(fact)
    return CheckInResult(False, days, sum(_give(tx, caller.member, today, days)), forgiven)


def following(before: Streak | None, today: date) -> tuple[int, bool]:
    """Returns how many days in a row it is with today, and whether a missed day is forgiven for that."""
    if before is None:
        return 1, False
    missed = (today - date.fromisoformat(before.day)).days - 1
    if missed == 0:
        return before.days + 1, False
    if missed == 1 and may_forgive(before, today):
        return before.days + 1, True
    return 1, False


def may_forgive(before: Streak | None, today: date) -> bool:
    """Whether a missed day would be forgiven."""
    if before is None or not before.forgiven:
        return True
    return (today - date.fromisoformat(before.forgiven)).days >= FORGIVEN_DAYS


def _give(tx: Tx, member: str, today: date, days: int) -> list[int]:
    rules, given = rules_of(tx).points, []
    ends = end_after(tx.now, rules.life_days, zone_of(tx)) if rules.life_days else None
    week = rules.week if days % WEEK == 0 else 0
    rewards: tuple[tuple[Reason, int], ...] = (("check_in", rules.check_in), ("streak", week))
    for reason, points in rewards:
        if points:
            key = f"{reason}/{member}/{today.isoformat()}"
            tx.emit(PointsBooked(member=member, points=points, reason=reason, key=key, ends_ms=ends))
            given.append(points)
    return given


def awaited(reads: Reads, member: str, now_ms: int) -> tuple[Streak | None, bool, bool]:
    """Returns the days in a row, whether they still go on, and whether today is among them."""
    before = streak(reads, member)
    if before is None:
        return None, False, False
    today = day_of(now_ms, zone_of(reads))
    if today.isoformat() <= before.day:
        return before, True, True
    return before, following(before, today)[0] > 1, False
