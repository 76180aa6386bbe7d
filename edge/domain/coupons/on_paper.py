"""A coupon on paper, from a printer beside a screen: one phone saves it, whoever it is given to."""

from __future__ import annotations

from edge.domain.callers import asked_by
from edge.domain.coupons.sources import offered
from edge.domain.printing import ordering
from edge.domain.printing.ordering import SlipOrder
from edge.domain.printing.rules import Job
from edge.journal import Tx


@asked_by("machine")
def put_on_paper(tx: Tx, *, coupon: str, wanted: SlipOrder) -> Job:
    """Order a coupon's slip; each session has one of each. Refuses: coupon_unknown, coupon_ended, coupon_gone,
    printer_unknown.
    """
    found = offered(tx, coupon)
    if found is None:
        raise tx.refuse("coupon_unknown", coupon=coupon)
    if (over := found.hindrance(tx.now)) is not None:
        raise tx.refuse(over, coupon=coupon)
    planned = ordering.order(tx, tx.now, wanted)
    if planned.fact is not None:
        tx.emit(planned.fact)
    return planned.job
