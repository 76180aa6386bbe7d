"""Points by action, and what time does to points and levels."""

from __future__ import annotations

from edge.domain.callers import asked_by
from edge.domain.held import queries as held
from edge.domain.ledger.facts import CommissionSettled, LedgerRulesSet, PointsEnded, PointsEnding
from edge.domain.ledger.postings import fee_paid, fees_open, judged
from edge.domain.ledger.queries import owed, rules_of, spent, terms
from edge.domain.ledger.rules import DAY_MS, NOTICE_DAYS, LedgerRules
from edge.domain.members.queries import unreminded
from edge.errors import used_before
from edge.journal import Tx

AT_ONCE = 200
"""So many members are judged in one decision; the rest follow a second later."""


@asked_by("store")
def agree(tx: Tx, rules: LedgerRules) -> None:
    """Take over the rules of the settings; only what differs becomes a fact."""
    if rules_of(tx) != rules or tx.one("SELECT 1 FROM ledger_rules") is None:
        tx.emit(LedgerRulesSet(rules=rules))


@asked_by("staff")
def take_fees(tx: Tx, *, member: str, amount: int, key: str, by: str) -> bool:
    """A till, or staff, took the late fees that somebody owes. The same key is booked once: then False.

    Refuses: basket_paying where they are about to be paid with a basket, payment_differs for another amount than owed,
    bad_request for a key that booked something else.
    """
    booked = tx.one("SELECT delta, long(account) AS member FROM ledger_entries WHERE key=? AND key<>''", key)
    if booked is not None:
        if (booked["member"], -booked["delta"]) != (member, amount):
            raise used_before(key)
        return False
    due, currency = owed(tx, member), terms(tx).currency
    if amount != due or not due:
        raise tx.refuse("payment_differs", expected=due, found=amount, currency=currency)
    if fees_open(tx, member) < due:
        raise tx.refuse("basket_paying")
    for fact in fee_paid(tx, member, amount, key=key, by=by):
        tx.emit(fact)
    return True


@asked_by("store")
def on_tick(tx: Tx) -> None:
    """Points and levels end with the store's day, commission is settled with it; members are told of their points 30,
    7 and 1 days before.
    """
    _end_lots(tx)
    _tell(tx)
    _settle(tx)
    for row in tx.all("SELECT member FROM levels WHERE until_ms<=? ORDER BY until_ms LIMIT ?", tx.now, AT_ONCE):
        tx.emit(judged(tx, row["member"], spent(tx, row["member"], tx.now), tx.now))


def _settle(tx: Tx) -> None:
    """Not what is held: that would be refused, and the points of everybody with it."""
    rows = tx.all(
        "SELECT sale, promoter, amount FROM commissions c WHERE state='earned' AND settles_ms<=?"  # noqa: S608 - our own
        f" AND NOT {held.SALE} LIMIT ?",
        tx.now,
        AT_ONCE,
    )
    for row in rows:
        tx.emit(CommissionSettled(promoter=row["promoter"], order=row["sale"], amount=row["amount"]))


def _end_lots(tx: Tx) -> None:
    found: dict[str, list[tuple[str, int]]] = {}
    rows = tx.all(
        "SELECT lot, long(member) AS member, left FROM lots WHERE left>0 AND ends_ms<=? ORDER BY ends_ms, lot LIMIT ?",
        tx.now,
        AT_ONCE,
    )
    for row in rows:
        found.setdefault(row["member"], []).append((row["lot"], row["left"]))
    for member, lots in found.items():
        ended = sum(left for _, left in lots)
        tx.emit(PointsEnded(member=member, points=ended, lots=tuple(lot for lot, _ in lots)))


def _tell(tx: Tx) -> None:
    """Once for each of the three days; who is told late is told of the nearest alone."""
    rows = tx.all(
        # By `lots_notice` alone: the plus keeps the others, by which every lot would be looked at, out of it.
        "SELECT long(member) AS member, ends_ms, sum(left) AS points FROM lots"  # noqa: S608 - our own
        " WHERE left>0 AND notice_ms<=?1 AND +ends_ms>?1"
        f" AND NOT {unreminded('points', 'long(lots.member)')} GROUP BY 1, ends_ms ORDER BY ends_ms, 1 LIMIT ?2",
        tx.now,
        AT_ONCE,
    )
    for row in rows:
        left = -(-(row["ends_ms"] - tx.now) // DAY_MS)
        days = min(days for days in NOTICE_DAYS if days >= left)
        tx.emit(PointsEnding(member=row["member"], points=row["points"], ends_ms=row["ends_ms"], days=days))
