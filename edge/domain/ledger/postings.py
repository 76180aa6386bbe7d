"""What an order, its return and its basket come to in the ledger, as facts for the decisions of other nouns."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

from edge.domain.baskets.queries import fees_held
from edge.domain.ledger.facts import (
    FeePaid,
    LevelChanged,
    PointsBooked,
    PointsReleased,
    PointsReserved,
    PointsReversed,
    Reason,
    Share,
)
from edge.domain.ledger.promoting import commission, taking_back
from edge.domain.ledger.queries import balance, level, lots, order_count, owed, rules_of, spent, zone_of
from edge.domain.ledger.rules import LEVELS, YEAR_DAYS, begin_of, day_of, end_after
from edge.errors import Refusal
from edge.journal import Fact, Reads
from pricing.returns import earned_with

Facts = tuple[Fact, ...]


def reserving(reads: Reads, member: str, basket: str, points: int, now_ms: int) -> Facts:
    """Keep points for a basket that is held. Raises `Refusal`: points_short."""
    if points <= 0:
        return ()
    has = balance(reads, member, now_ms, basket=basket).free
    if has < points:
        raise Refusal("points_short", wanted=points, has=has)
    return (PointsReserved(member=member, basket=basket, points=points),)


def releasing(reads: Reads, basket: str) -> Facts:
    """Give them back: the basket is held no more. Nothing where none are kept for it."""
    row = reads.one("SELECT member FROM points_reserved WHERE basket=?", basket)
    return (PointsReleased(member=row["member"], basket=basket),) if row else ()


def burning(reads: Reads, member: str, order: str, points: int, now_ms: int, *, basket: str = "") -> Facts:
    """Spend points on an order, those that end first, and end what was kept for its basket.

    The same order spends once. Raises `Refusal`: points_short.
    """
    key = f"order/{order}/spent"
    done = releasing(reads, basket) if basket else ()
    if points <= 0 or is_booked(reads, key):
        return done
    return (spending(reads, member, points, now_ms, key=key, reason="spent", order=order, basket=basket), *done)


def spending(
    reads: Reads, member: str, points: int, now_ms: int, *, key: str, reason: Reason, order: str = "", basket: str = ""
) -> PointsBooked:
    """Spend points for something else. Raises `Refusal`: points_short."""
    has = balance(reads, member, now_ms, basket=basket).free
    if has < points:
        raise Refusal("points_short", wanted=points, has=has)
    taken: list[Share] = []
    short = points
    for lot in lots(reads, member, now_ms):
        part = min(lot.left, short)
        if part:
            taken.append(Share(lot.lot, part, lot.ends_ms))
            short -= part
    return PointsBooked(member=member, points=-points, reason=reason, key=key, order=order, lots=tuple(taken))


def giving(reads: Reads, member: str, points: int, now_ms: int, *, key: str, reason: Reason) -> Facts:
    """Give points for something else than goods. The same key gives once."""
    if points <= 0 or is_booked(reads, key):
        return ()
    life, zone = rules_of(reads).points.life_days, zone_of(reads)
    ends = end_after(now_ms, life, zone) if life else None
    return (PointsBooked(member=member, points=points, reason=reason, key=key, ends_ms=ends),)


def earning(reads: Reads, member: str, order: str, paid: int, points: int, now_ms: int, *, payer: str = "") -> Facts:
    """What a paid order brings: its points, the money that counts for the level, the level that it reaches, and what is
    due to the promoter of its member.

    Call it for every paid order of a member, also where `points` is 0. The same order counts once. `payer` is the keyed
    hash of who paid it, where its port says so.
    """
    key = f"order/{order}"
    sold = reads.one("SELECT 1 FROM ledger_sales WHERE sale=short(?) AND number>0", order)
    if sold is not None or is_booked(reads, key):
        return ()
    life, zone = rules_of(reads).points.life_days, zone_of(reads)
    booked = PointsBooked(
        member=member,
        points=points,
        reason="order",
        key=key,
        order=order,
        paid=paid,
        number=order_count(reads, member) + 1,
        ends_ms=end_after(now_ms, life, zone) if life and points else None,
    )
    promoted = commission(reads, member, order, paid, now_ms, payer)
    return (booked, *_raised(reads, member, paid, now_ms), *promoted)


def _raised(reads: Reads, member: str, paid: int, now_ms: int) -> Facts:
    """A level is raised at once."""
    now_spent = spent(reads, member, now_ms) + paid
    reached = rules_of(reads).levels.of(now_spent)
    if LEVELS.index(reached) <= LEVELS.index(level(reads, member)):
        return ()
    return (judged(reads, member, now_spent, now_ms),)


def judged(reads: Reads, member: str, now_spent: int, now_ms: int) -> LevelChanged:
    """The level that so much gives from now on."""
    zone = zone_of(reads)
    reached = rules_of(reads).levels.of(now_spent)
    until = begin_of(day_of(now_ms, zone) + timedelta(days=YEAR_DAYS), zone)
    return LevelChanged(member=member, level=reached, spent=now_spent, until_ms=None if reached == LEVELS[0] else until)


class Apart(NamedTuple):
    """What of an order earned otherwise than by the money that was paid for all of it."""

    paid: int = 0
    """The money that earned nothing: it was paid for goods that are out of points."""
    stays: int = 0
    """What of it stays paid after the return."""
    bonus: int = 0
    """Points that campaigns gave for some of its goods."""
    bonus_stays: int = 0
    """Those of the goods that stay."""


ALL_EARNED: Final = Apart()


def reversal(
    reads: Reads, order: str, refund: str, *, paid: int, back: int, now_ms: int, apart: Apart = ALL_EARNED
) -> Facts:
    """What a return comes to: `paid` is the money given back, `back` the points that were spent on what came back.

    Earned points go by what stays paid of the money that earned them, all but what is `apart`; spent points that come
    back are as good as they were, and for some days at least. The same refund counts once; an order that nobody earned
    with comes to nothing.
    """
    row = reads.one("SELECT *, long(member) AS who FROM ledger_sales WHERE sale=short(?)", order)
    if row is None or reads.one("SELECT 1 FROM ledger_refunds WHERE refund=?", refund) is not None:
        return ()
    paid, back = min(paid, row["paid"] - row["repaid"]), min(back, row["burned"] - row["back"])
    stays = row["paid"] - row["repaid"] - paid
    usual, every = row["earned"] - apart.bonus, rules_of(reads).points.earn_every
    kept = earned_with(usual, row["paid"] - apart.paid, stays - apart.stays, every) + apart.bonus_stays
    return (
        PointsReversed(
            member=row["who"],
            order=order,
            refund=refund,
            back=back,
            gone=max(0, row["earned"] - row["gone"] - kept),
            paid=paid,
            lots=_shares_back(reads, order, back, now_ms),
        ),
        *taking_back(reads, order, stays, member=row["who"], sold_ms=row["at_ms"], now_ms=now_ms),
    )


def _shares_back(reads: Reads, order: str, back: int, now_ms: int) -> tuple[Share, ...]:
    """To the lots that they came from, the last to end first."""
    least = end_after(now_ms, rules_of(reads).points.back_days, zone_of(reads))
    shares: list[Share] = []
    rows = reads.all(
        "SELECT lot, points-back AS left, ends_ms FROM spent_lots WHERE sale=? AND points>back"
        " ORDER BY ends_ms IS NOT NULL, ends_ms DESC, lot DESC",
        order,
    )
    for row in rows:
        part = min(row["left"], back)
        if part:
            ends = None if row["ends_ms"] is None else max(row["ends_ms"], least)
            shares.append(Share(row["lot"], part, ends))
            back -= part
    return tuple(shares)


def fees_open(reads: Reads, member: str, *, basket: str = "") -> int:
    """Returns what somebody owes and does not pay already with another basket than this one, in the smallest unit."""
    return max(0, owed(reads, member) - fees_held(reads, member, besides=basket))


def fee_paid(reads: Reads, member: str, amount: int, *, key: str, order: str = "", by: str = "") -> Facts:
    """What is owed is paid with an order, or at the till. The same key is booked once; no more than is owed."""
    amount = min(amount, owed(reads, member))
    if amount <= 0 or is_booked(reads, key):
        return ()
    return (FeePaid(member=member, amount=amount, key=key, order=order, by=by),)


def is_booked(reads: Reads, key: str) -> bool:
    """Whether something was booked under that key."""
    return reads.one("SELECT 1 FROM ledger_entries WHERE key=? AND key<>''", key) is not None
