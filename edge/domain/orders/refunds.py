"""What comes back of an order: its units by their share of what was paid, its points, and the money's way.

Goods and points are booked when it is decided; the money is on its way until its port, or staff, says that it is back.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from edge.domain.callers import asked_by
from edge.domain.ledger.queries import zone_of
from edge.domain.orders import queries
from edge.domain.orders.consequences import of_return, points_of
from edge.domain.orders.facts import (
    RefundAbnormal,
    RefundDecided,
    RefundDone,
    RefundKind,
    RefundPending,
    RefundWay,
    ReturnedLine,
)
from edge.domain.orders.repricing import withheld_amount
from edge.domain.orders.rules import DAY_MS, Order, OrderRules, Refund, units
from edge.domain.payments.rules import LAST_ANSWER_MS, SILENT_MS, RefundAnswer
from edge.errors import Refusal, used_before
from edge.journal import Reads, Tx, id_text
from pricing.basket import Goods
from pricing.returns import share


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants back."""

    order: str
    request: str
    """Sent twice, it is decided once."""
    by: str
    units: Mapping[str, int] = {}
    """By line; ignored where the whole order is void."""
    kind: RefundKind = "return"
    way: RefundWay = "port"
    """`cash` where it is given by hand, whatever way it came."""
    reason: str = ""
    manager: bool = False
    """Whether a manager decides, who is bound by no date."""
    goods: Mapping[str, Goods] = {}
    """What is known of the order's goods, for offers that name kinds or brands."""
    shown: int | None = None
    """The money that was said to come back; None where nobody was told of any."""


class RefundDecision(msgspec.Struct, frozen=True):
    """What comes back."""

    refund: str
    amount: int
    points_back: int = 0
    points_taken: int = 0
    already: bool = False
    way: RefundWay = "none"
    """`cash` where it is given by hand; `port` where it goes back the way it came."""


@asked_by("staff")
def refund(tx: Tx, *, wanted: RefundRequest, rules: OrderRules) -> RefundDecision:
    """Take goods back, swap them, or make an order void. Sent twice, it is decided once.

    Refuses: order_unknown, order_void, reason_missing, line_not_sold, return_nothing where nothing is chosen,
    returned_already, return_too_much, return_late, order_gone where what shall be void has left the store,
    pickup_in_locker where it lies behind a door, page_outdated where another amount than was shown comes back by now,
    bad_request for a request that asked for another return.
    """
    known = queries.refund_of_request(tx, wanted.request)
    if known is not None:
        asked = {} if wanted.kind == "void" else {line: count for line, count in wanted.units.items() if count}
        if (known.order, known.kind, known.units) != (wanted.order, wanted.kind, asked):
            raise used_before(wanted.request)
        return RefundDecision(
            known.refund, known.amount, known.points_back, known.points_taken, already=True, way=known.way
        )
    order = queries.order(tx, wanted.order)
    if order is None:
        raise tx.refuse("order_unknown")
    _check(tx, order, wanted, rules)
    if wanted.shown is not None and wanted.shown != amount(tx, order, wanted):
        raise tx.refuse("page_outdated", order=order.order)
    back = refund_lines(order, wanted)
    fact = _fact(tx, order, wanted, back)
    refund = id_text(tx.emit(fact))
    if wanted.kind != "exchange":
        for each in of_return(tx, order, fact, refund, tx.now):
            tx.emit(each)
    return RefundDecision(refund, fact.amount, fact.points_back, fact.points_taken, way=fact.way)


def refund_lines(order: Order, wanted: RefundRequest) -> tuple[ReturnedLine, ...]:
    """What each unit gives back: with those before and after it exactly what was paid for its line."""
    asked = wanted.units
    if wanted.kind == "void":
        asked = {line.id: order.left(line.id) for line in order.paid.lines}
    found = []
    for line in order.paid.lines:
        more = asked.get(line.id, 0)
        if more <= 0:
            continue
        whole, before = units(line.quantity, line.grams), order.returned.get(line.id, 0)
        if wanted.kind == "exchange":
            found.append(ReturnedLine(line.id, more))
        else:
            found.append(
                ReturnedLine(
                    line.id, more, share(line.pay, whole, before, more), share(line.points, whole, before, more)
                )
            )
    return tuple(found)


def amount(reads: Reads, order: Order, wanted: RefundRequest) -> int:
    """The money that comes back: what the shopper is told before they agree.

    Raises `Refusal`: order_void, line_not_sold, returned_already and return_too_much where meanwhile it came back.
    """
    if order.state == "void":
        raise Refusal("order_void")
    if wanted.kind != "void" and any(wanted.units.values()):
        _check_units(order, wanted.units)
    lines = refund_lines(order, wanted)
    return _money(lines) - _amount_kept(reads, order, wanted, lines)


def _money(lines: tuple[ReturnedLine, ...]) -> int:
    return sum(line.amount for line in lines)


def _amount_kept(reads: Reads, order: Order, wanted: RefundRequest, lines: tuple[ReturnedLine, ...]) -> int:
    if wanted.kind == "exchange":
        return 0
    units_back = {line.line: line.units for line in lines}
    absent = wanted.kind == "absent"
    return withheld_amount(
        order, units_back, _money(lines), goods=wanted.goods, timezone=zone_of(reads).key, absent=absent
    )


def _check(tx: Tx, order: Order, wanted: RefundRequest, rules: OrderRules) -> None:
    if order.state == "void":
        raise tx.refuse("order_void")
    if not wanted.reason.strip():
        raise tx.refuse("reason_missing")
    _check_locker(tx, order, wanted)
    if wanted.kind == "absent":
        _check_absent(tx, order, wanted.units)
        return
    if wanted.kind == "void" and (order.state != "paid" or (order.pickup and order.pickup.state == "handed_over")):
        raise tx.refuse("order_gone")
    if not any(order.left(line.id) for line in order.paid.lines):
        raise tx.refuse("returned_already", line=order.paid.lines[0].id if order.paid.lines else "")
    # That nobody saw the goods leave does not say that they are here. Within a day what was paid by mistake is void
    # also where nothing is taken back.
    days = max(rules.return_days, 1) if wanted.kind == "void" else rules.return_days
    if tx.now > order.at_ms + days * DAY_MS and not wanted.manager:
        raise tx.refuse("return_late", days=days)
    if wanted.kind != "void":
        _check_units(order, wanted.units)


def _check_locker(tx: Tx, order: Order, wanted: RefundRequest) -> None:
    """No money goes back for what its buyer can still take out."""
    away = any(wanted.kind == "void" or wanted.units.get(line.id) for line, _ in order.to_fetch)
    if away and wanted.kind != "exchange" and queries.is_in_locker(tx, order):
        raise tx.refuse("pickup_in_locker")


def _check_absent(tx: Tx, order: Order, asked: Mapping[str, int]) -> None:
    """Only what is still to be fetched can turn out not to be there, however late that is."""
    if order.pickup is None or order.pickup.state == "handed_over":
        raise tx.refuse("pickup_none")
    awaited = {line.id for line, _ in order.to_fetch}
    unknown = next((line for line, count in asked.items() if count and line not in awaited), None)
    if unknown is not None:
        raise tx.refuse("line_not_sold", line=unknown)
    _check_units(order, asked)


def _check_units(order: Order, asked: Mapping[str, int]) -> None:
    lines = {line.id for line in order.paid.lines}
    for line, count in asked.items():
        if line not in lines:
            raise Refusal("line_not_sold", line=line)
        if count and not order.left(line):
            raise Refusal("returned_already", line=line)
        if not 0 <= count <= order.left(line):
            raise Refusal("return_too_much", line=line, left=order.left(line), found=count)
    if not any(asked.values()):
        raise Refusal("return_nothing")


def _fact(tx: Tx, order: Order, wanted: RefundRequest, back: tuple[ReturnedLine, ...]) -> RefundDecided:
    paid = order.paid
    held_back = _amount_kept(tx, order, wanted, back)
    amount = _money(back) - held_back
    points, taken = points_of(tx, order, back, amount=amount, now_ms=tx.now)
    payment = paid.paid[0] if paid.paid else None
    way: RefundWay = "none" if not amount or payment is None else wanted.way
    return RefundDecided(
        order=order.order,
        kind=wanted.kind,
        lines=back,
        amount=amount if payment else 0,
        currency=paid.currency,
        way=way,
        by=wanted.by,
        request=wanted.request,
        reason=wanted.reason.strip()[:200],
        payment=payment.payment if payment else "",
        port=payment.port if payment else "",
        points_back=points,
        points_taken=taken,
        kept=held_back,
    )


@asked_by("store")
def record_answer(tx: Tx, *, refund: str, answer: RefundAnswer) -> bool:
    """What the port says of money that goes back. False where that is known. Refuses: order_unknown."""
    known = _existing_refund(tx, refund)
    if known.state in ("done", answer.state):
        return False
    if answer.state == "pending":
        tx.emit(RefundPending(refund=refund, order=known.order, reference=answer.reference))
    elif answer.state == "done":
        tx.emit(RefundDone(refund=refund, order=known.order, by=answer.by, reference=answer.reference))
    elif answer.state == "abnormal":
        tx.emit(RefundAbnormal(refund=refund, order=known.order, reason=answer.reason))
    else:
        return False
    return True


@asked_by("staff")
def record_cash_refund(tx: Tx, *, refund: str, by: str) -> bool:
    """Staff gave the money back by hand. False where it is back. Refuses: order_unknown, refund_on_its_way."""
    known = _existing_refund(tx, refund)
    if known.state == "done":
        return False
    if known.way == "port" and known.state != "abnormal":
        raise tx.refuse("refund_on_its_way")
    if known.reason.startswith("staff/") and tx.now < known.since_ms + LAST_ANSWER_MS:
        raise tx.refuse("refund_on_its_way")
    tx.emit(RefundDone(refund=refund, order=known.order, by=by))
    return True


@asked_by("staff")
def record_lookup(tx: Tx, *, refund: str, is_back: bool, by: str) -> bool:
    """Staff looked at the port's own records, as it says nothing for too long: the money is back, or the port knows of
    none, is asked no more, and it is given by hand. False where that is known.

    Refuses: order_unknown, refund_on_its_way where its port may still answer.
    """
    known = _existing_refund(tx, refund)
    if known.way != "port" or known.state not in SILENT_MS:
        return False
    if tx.now < known.since_ms + SILENT_MS[known.state]:
        raise tx.refuse("refund_on_its_way")
    if is_back:
        tx.emit(RefundDone(refund=refund, order=known.order, by=by))
    else:
        tx.emit(RefundAbnormal(refund=refund, order=known.order, reason=by))
    return True


def _existing_refund(tx: Tx, refund: str) -> Refund:
    known = queries.refund(tx, refund)
    if known is None:
        raise tx.refuse("order_unknown")
    return known
