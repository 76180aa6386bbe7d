"""What else is stated when an order is paid, and when some of it comes back: campaigns, points, levels.

Money that has come is refused no more. What it was promised meanwhile stands, though a lot of points ended while the
payment was under way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edge.domain.baskets.queries import Hold
from edge.domain.campaigns.reservations import using
from edge.domain.coupons import coupon_facts as coupons
from edge.domain.ledger.facts import PointsReversed
from edge.domain.ledger.postings import Apart, burning, earning, fee_paid, reversal
from edge.domain.ledger.queries import balance
from edge.domain.orders.facts import RefundDecided, ReturnedLine
from edge.domain.orders.rules import Order, units
from edge.journal import Fact, Reads
from pricing.quote import Quote
from pricing.returns import share


def of_sale(reads: Reads, hold: Hold, *, member: str, order: str, payer: str, now_ms: int) -> Iterator[Fact]:
    """The facts beside the order itself."""
    quote = hold.quote
    used = using(reads, quote, order=order, member=member, now_ms=now_ms)
    if used is not None:
        yield used
    own = [each.coupon for each in quote.used if each.coupon]
    yield from coupons.redeeming(reads, own, basket=quote.basket, order=order)
    if not member:
        return
    points = min(quote.points.burned, balance(reads, member, now_ms, basket=quote.basket).free)
    yield from burning(reads, member, order, points, now_ms, basket=quote.basket)
    yield from earning(reads, member, order, quote.total, quote.points.will_earn, now_ms, payer=payer)
    yield from fee_paid(reads, member, hold.fees, key=f"order/{order}/fees", order=order)


def balance_after(reads: Reads, quote: Quote, member: str, now_ms: int) -> int:
    """A member's points once the order is paid."""
    before = balance(reads, member, now_ms, basket=quote.basket)
    return before.points - min(quote.points.burned, before.free) + quote.points.will_earn


def points_of(reads: Reads, order: Order, back: Sequence[ReturnedLine], *, amount: int, now_ms: int) -> tuple[int, int]:
    """Points that come back, no more than were booked; and those that had been earned with so much money, and go."""
    points = sum(line.points for line in back)
    facts = reversal(reads, order.order, "", paid=amount, back=points, now_ms=now_ms, apart=_parts_apart(order, back))
    booked = [fact for fact in facts if isinstance(fact, PointsReversed)]
    return sum(fact.back for fact in booked), sum(fact.gone for fact in booked)


def of_return(reads: Reads, order: Order, fact: RefundDecided, refund: str, now_ms: int) -> Iterator[Fact]:
    """The facts beside the refund itself. A coupon is good again once every unit that it made cheaper is back; one that
    made none cheaper, as it gave points, once all are.
    """
    apart = _parts_apart(order, fact.lines)
    yield from reversal(reads, order.order, refund, paid=fact.amount, back=fact.points_back, now_ms=now_ms, apart=apart)
    back = {line.line: line.units for line in fact.lines}
    stay = [line for line in order.paid.lines if order.left(line.id) > back.get(line.id, 0)]
    bound = {each.coupon for line in stay for each in line.discounts}
    if stay:
        lowered = {each.coupon for line in order.paid.lines for each in line.discounts}
        bound |= {each.coupon for each in order.paid.used} - lowered
    free = [each.coupon for each in order.paid.used if each.coupon and each.coupon not in bound]
    yield from coupons.returning(reads, free, order=order.order, now_ms=now_ms)


def _parts_apart(order: Order, back: Sequence[ReturnedLine]) -> Apart:
    coming = {line.line: line.units for line in back}
    paid = gone = bonus = bonus_gone = 0
    for line in order.paid.lines:
        whole = units(line.quantity, line.grams)
        units_gone = order.returned.get(line.id, 0) + coming.get(line.id, 0)
        bonus += line.bonus
        bonus_gone += share(line.bonus, whole, 0, units_gone)
        if line.no_offers:
            paid += line.pay
            gone += share(line.pay, whole, 0, units_gone)
    return Apart(paid, paid - gone, bonus, bonus - bonus_gone)
