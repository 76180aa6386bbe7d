"""An order's receipt on paper: made from the fact that it was paid, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.orders import queries
from edge.domain.orders.facts import OrderLine, OrderPaid
from edge.domain.orders.rules import Order, OrderRules
from edge.domain.printing import ordering
from edge.domain.printing.ordering import Planned, SlipOrder
from edge.domain.printing.queries import newest
from edge.domain.printing.rules import Job
from edge.journal import Tx
from words.languages import Words

PORTS: Final = ("counter", "wechat", "terminal", "simulated")
"""Ways to pay that a receipt has a word for."""


@asked_by(Proof.DEVICE)
def print_receipt(tx: Tx, *, caller: Caller, order: str, language: str, rules: OrderRules) -> Job:
    """The buyer wants the receipt on paper, once; what came too late or failed is printed after all.

    Refuses: order_unknown, printer_unknown.
    """
    if not queries.owns(tx, caller.member, order):
        raise tx.refuse("order_unknown")
    known = newest(tx, _job(_required(tx, order)))
    if known is not None and known.state == "printed":
        return known.summary
    return _print(tx, order, language, rules, by="")


@asked_by("staff")
def print_again(tx: Tx, *, order: str, language: str, rules: OrderRules, by: str) -> Job:
    """Staff print a receipt, as often as it takes; every one after the first says that it is a copy.

    Refuses: order_unknown, printer_unknown.
    """
    return _print(tx, order, language, rules, by=by)


def _required(tx: Tx, order: str) -> Order:
    found = queries.order(tx, order)
    if found is None:
        raise tx.refuse("order_unknown")
    return found


def _job(order: Order) -> str:
    return f"sale-{order.number}"


def _print(tx: Tx, order: str, language: str, rules: OrderRules, by: str) -> Job:
    found = _required(tx, order)
    job = _job(found)
    if newest(tx, job) is not None:
        return _state(tx, ordering.reprint(tx, tx.now, job=job, by=by))
    values = {"number": found.number, "at_ms": found.at_ms, **receipt(found.paid)}
    wanted = SlipOrder(job, "sale", values, language, zone=rules.receipt_zone, by=by)
    return _state(tx, ordering.order(tx, tx.now, wanted))


def _state(tx: Tx, planned: Planned) -> Job:
    if planned.fact is not None:
        tx.emit(planned.fact)
    return planned.job


def receipt(paid: OrderPaid) -> dict[str, Any]:
    """What fills the receipt of an order: shelf lines, each discount under its line, what was paid and how."""
    values: dict[str, Any] = {
        "rows": [row for line in paid.lines for row in _rows(paid, line)],
        "shelf": paid.shelf,
        "saved": paid.discount,
        "burned": paid.points.burned,
        "worth": paid.points.worth,
        "fees": paid.fees,
        "total": paid.total + paid.fees,
        "taxes": [{"rate": _rate(tax.bp), "tax": tax.tax} for tax in paid.taxes if tax.bp],
        "payments": [_payment(each.port, each.amount) for each in paid.paid],
        "near": [{"name": _words_or(hint.words, hint.campaign), "short": hint.amount} for hint in paid.missed],
        "earned": paid.points.earned,
    }
    if paid.promise is not None:
        values["ready_ms"] = paid.promise.ready_ms
        values["at_counter"] = paid.promise.collect != "locker"
    if paid.points.balance is not None:
        values["balance"] = paid.points.balance
    return values


def _rows(paid: OrderPaid, line: OrderLine) -> Iterator[dict[str, Any]]:
    row: dict[str, Any] = {"name": _words_or(line.names, line.gtin), "amount": line.shelf}
    if line.grams is not None:
        row["grams"] = line.grams
    elif line.quantity > 1:
        row["quantity"] = line.quantity
    if line.away:
        row["away"] = True
    yield row
    titles = {each.campaign: each.words for each in paid.used}
    for discount in line.discounts:
        title = _words_or(titles.get(discount.campaign, {}), discount.campaign)
        yield {"name": {tag: f"- {text}" for tag, text in title.items()}, "amount": -discount.amount}


def _words_or(words: Words, otherwise: str) -> Words:
    return words or {"en": otherwise}


def _payment(port: str, amount: int) -> dict[str, Any]:
    return {port if port in PORTS else "other": True, "amount": amount}


def _rate(bp: int) -> str:
    whole, rest = divmod(bp, 100)
    return f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)
