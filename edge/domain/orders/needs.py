"""What staff must do about orders: fetch what was not on the shelf, see what nobody came for, give money by hand."""

from __future__ import annotations

from edge.domain.needs import LOOK, NOW, SOON, WHEN_FREE, Need
from edge.domain.orders import queries
from edge.domain.orders.rules import KEEP_MS, MINUTE_MS, Order, Refund
from edge.journal import Reads

NEAR_MS = 15 * MINUTE_MS
"""A promise that is nearer than this is next."""


def needs(reads: Reads, now: int) -> list[Need]:
    """Each order with something to be fetched, and each that waits for its buyer for too long."""
    found = []
    for order in queries.to_fetch(reads):
        assert order.pickup is not None  # noqa: S101 - that is why it was found
        if order.waits == "due":
            found.append(_need(order, "pickup_due", _urgency(order, order.pickup.ready_ms, now), order.at_ms))
        elif now - order.pickup.since_ms > KEEP_MS and not queries.is_in_locker(reads, order):
            found.append(_need(order, "pickup_left", LOOK, order.pickup.since_ms))
    return found


def money(reads: Reads, now: int) -> list[Need]:
    """Each refund that found no way back, as from a till: staff give it by hand. Each that was to be given so, and
    nobody said that it was. And each of which its port says nothing for too long: staff look at the port's own records
    first, or the money might go back twice.
    """
    stuck = [_money(*each, "refund_back", "gave_refund") for each in queries.failed_refunds(reads)]
    stuck += [_money(*each, "refund_cash", "gave_refund") for each in queries.unpaid_cash_refunds(reads, now)]
    return stuck + [_money(*each, "refund_silent", "settle_refund") for each in queries.unanswered_refunds(reads, now)]


def _money(refund: Refund, number: str, kind: str, action: str) -> Need:
    details = {"name": number, "amount": refund.amount}
    return Need(f"refund/{refund.refund}", SOON, "", kind, refund.since_ms, details, action)


def _urgency(order: Order, ready_ms: int, now: int) -> int:
    """Whoever bought something from the stock room stands there; the rest has until it is promised."""
    stands_there = order.paid.promise is not None and order.paid.promise.collect != "later"
    if now >= ready_ms:
        return NOW
    if ready_ms - now <= NEAR_MS:
        return NOW if stands_there else SOON
    return SOON if stands_there and all(line.away == "room" for line, _ in order.to_fetch) else WHEN_FREE


def _need(order: Order, kind: str, urgency: int, since_ms: int) -> Need:
    assert order.pickup is not None  # noqa: S101 - as above
    details = {
        "order": order.order,
        "name": order.number,
        "count": sum(count for _, count in order.to_fetch),
        "collect": order.pickup.collect,
        "ready_ms": order.pickup.ready_ms,
    }
    return Need(f"pickup/{order.order}", urgency, "", kind, since_ms, details)
