"""The check at the exit: a few pieces are scanned again, and all of them once one of these was not paid for.

It asks about goods, never about people: what is found is put right, and that is all that anybody is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from edge.domain.callers import asked_by
from edge.domain.orders import queries
from edge.domain.orders.facts import AuditFailed, AuditPassed, Scanned
from edge.domain.orders.rules import MIN_AUDITED, Order
from edge.journal import Tx

Found = Literal["passed", "full", "failed"]
"""`full`: something is not in the order, all is to be scanned now. `failed`: all was scanned, and differs."""


@asked_by("staff")
def check(tx: Tx, *, order: str, scanned: Sequence[str], by: str) -> Found:
    """Compare what was scanned again, piece by piece as GTIN-14, with what was paid for.

    Refuses: order_unknown, order_void, order_gone, check_too_few.
    """
    found = queries.order(tx, order)
    if found is None:
        raise tx.refuse("order_unknown")
    if found.state == "void":
        raise tx.refuse("order_void")
    if found.state != "paid":
        raise tx.refuse("order_gone")
    paid, seen = bought(found), Counter(scanned)
    full = found.audit == "full" or seen.total() >= paid.total()
    least = paid.total() if full else min(found.audit_pieces or MIN_AUDITED, paid.total())
    unpaid, absent = seen - paid, paid - seen
    if not full and seen.total() < least:
        raise tx.refuse("check_too_few", count=least)
    if not unpaid and not (full and absent):
        tx.emit(AuditPassed(order=order, by=by, scanned=_scanned(seen), full=full))
        return "passed"
    tx.emit(
        AuditFailed(
            order=order,
            by=by,
            scanned=_scanned(seen),
            unpaid=_scanned(unpaid),
            absent=_scanned(absent) if full else (),
            full=full,
        )
    )
    return "failed" if full else "full"


def bought(order: Order) -> Counter[str]:
    """Pieces of each good that are with the buyer, as far as anybody knows."""
    found: Counter[str] = Counter()
    for line in order.paid.lines:
        found[line.gtin] += order.with_buyer(line)
    return +found


def _scanned(counts: Counter[str]) -> tuple[Scanned, ...]:
    return tuple(Scanned(gtin, count) for gtin, count in sorted(counts.items()))
