"""An order as pages and the API tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from edge.domain.orders.rules import KEEP_MS, Order, units
from edge.products.plain_words import grams
from words.languages import in_language

if TYPE_CHECKING:
    from edge.domain.orders.facts import OrderLine
    from edge.domain.orders.rules import Refund


class ReceiptLine(msgspec.Struct, frozen=True):
    """A line of a receipt, in one language."""

    line: str
    gtin: str
    name: str
    many: str
    """`× 2`, `0.532 kg`; empty for one piece."""
    shelf: int
    pay: int
    less: tuple[tuple[str, int], ...]
    """What took something off, and how much."""
    units: int
    back: int
    """How many of them came back."""
    age: int
    away: str
    """`due`, `ready` or `handed_over` for what was not on the shelf; empty otherwise."""


class Fetched(msgspec.Struct, frozen=True):
    """What of an order was not on the shelf."""

    state: str
    """`due`, `ready` or `handed_over`."""
    collect: str
    """`counter`, `locker` or `later`."""
    count: int
    by_ms: int
    """The promise while it is due; until when it is kept once it is ready."""
    parcel: str
    """Behind a locker's door; empty where it is not."""


class OrderView(msgspec.Struct, frozen=True):
    """An order, in one language. Money in the smallest unit."""

    order: str
    number: str
    at_ms: int
    state: str
    currency: str
    pieces: int
    shelf: int
    total: int
    """What was paid for the goods."""
    fees: int
    """Late fees that were paid along."""
    refunded: int
    offers: tuple[tuple[str, int], ...]
    """Each offer that took something off, in the order of reckoning."""
    burned: int
    worth: int
    earned: int
    balance: int | None
    """Just after it was paid; none once goods came back."""
    taxes: tuple[tuple[float, int], ...]
    """Rate in percent, and the tax."""
    ports: tuple[str, ...]
    near: tuple[tuple[str, int], ...]
    """Offers that came close, and how much was missing; none once goods came back."""
    rows: tuple[ReceiptLine, ...]
    checked: str
    """`chosen` or `full` while pieces are to be scanned again at the exit."""
    check_pieces: int
    fetched: Fetched | None = None
    """For what was not on the shelf and can be had."""


def order_view(order: Order, language: str) -> OrderView:
    """Returns what a person reads of an order."""
    paid = order.paid
    titles = {each.campaign: in_language(each.words, language, each.campaign) for each in paid.used}
    points = paid.points
    return OrderView(
        order=order.order,
        number=order.number,
        at_ms=order.at_ms,
        state=order.state,
        currency=paid.currency,
        pieces=order.pieces,
        shelf=paid.shelf,
        total=paid.total,
        fees=paid.fees,
        refunded=order.refunded,
        offers=tuple((titles[each.campaign], each.amount) for each in paid.used if each.amount),
        burned=points.burned,
        worth=points.worth,
        earned=points.earned,
        balance=None if order.returned or order.state == "void" else points.balance,
        taxes=tuple((tax.bp / 100, tax.tax) for tax in paid.taxes if tax.bp),
        ports=tuple(each.port for each in paid.paid),
        near=tuple(
            (in_language(each.words, language, each.campaign), each.amount)
            for each in paid.missed
            if order.state != "void" and not order.returned
        ),
        rows=tuple(_row(order, line, titles, language) for line in paid.lines),
        checked=order.audit if order.audit in ("chosen", "full") else "",
        check_pieces=order.audit_pieces,
        fetched=_fetched(order),
    )


def _fetched(order: Order) -> Fetched | None:
    pickup = order.pickup
    if pickup is None or not order.waits:
        return None
    until = pickup.ready_ms if pickup.state == "due" else pickup.since_ms + KEEP_MS
    return Fetched(pickup.state, pickup.collect, sum(count for _, count in order.to_fetch), until, pickup.parcel)


def _row(order: Order, line: OrderLine, titles: dict[str, str], language: str) -> ReceiptLine:
    many = f"× {line.quantity}" if line.quantity > 1 else ""
    if line.grams is not None:
        many = grams(line.grams, language)
    return ReceiptLine(
        line=line.id,
        gtin=line.gtin,
        name=in_language(line.names, language, line.gtin),
        many=many,
        shelf=line.shelf,
        pay=line.pay,
        less=tuple((titles.get(each.campaign, each.campaign), each.amount) for each in line.discounts),
        units=units(line.quantity, line.grams),
        back=order.returned.get(line.id, 0),
        age=line.age,
        away=order.waits if line.away and order.left(line.id) else "",
    )


def refunds_view(refunds: list[Refund]) -> list[dict[str, Any]]:
    """What of an order went back, and how far its money is."""
    return [
        {
            "refund": each.refund,
            "kind": each.kind,
            "amount": each.amount,
            "state": each.state,
            "way": each.way,
            "at_ms": each.at_ms,
        }
        for each in refunds
    ]
