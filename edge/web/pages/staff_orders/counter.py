"""Paid to staff: what waits at the counter, by the number that phones show, late fees, and that the money was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from edge.domain.ledger import decisions as ledger_decisions
from edge.domain.ledger import queries as ledger
from edge.domain.lockers import queries as lockers
from edge.domain.members import passes
from edge.domain.members.queries import firm, pass_owner
from edge.domain.orders import queries as orders
from edge.domain.payments import queries
from edge.domain.payments.rules import Evidence
from edge.domain.staff import queries as staff
from edge.errors import Refusal
from edge.gateway import typed_text
from edge.gateway.payments.counter import is_number
from edge.web.actions import paying
from edge.web.audience import FLOOR, audience
from edge.web.request_ids import checked_request
from edge.web.visit import sent_form

if TYPE_CHECKING:
    from edge.domain.ledger.queries import Owing
    from edge.domain.payments.rules import Payment
    from edge.journal import Reads
    from edge.web.web import Web


def waiting_payments(web: Web, number: str = "") -> list[Payment]:
    """The payments that can be taken here, the one asked for last first; only that of a number, where one is given."""
    found = [
        each for each in queries.all_open(web.reads) if each.port == "counter" and queries.is_wanted(web.reads, each)
    ]
    return [each for each in reversed(found) if not number or each.number == number]


def payment_number(text: str) -> str:
    """The number that staff typed or scanned from a phone; empty where it is none."""
    number = "".join(typed_text.normal_width(text).split())
    return number if is_number(number) else ""


class UnknownPayment(msgspec.Struct, frozen=True):
    """A payment that nobody knows of: its goods leave only where somebody of the staff has said so."""

    number: str
    """Its last digits, as the phone shows them."""
    amount: int
    asked_ms: int
    trusted_by: str


def unknown_payments(web: Web) -> list[UnknownPayment]:
    """What phones at the exit may show instead of a code, the latest first."""
    found = [each for each in queries.all_open(web.reads) if each.state == "unknown"]
    return [
        UnknownPayment(
            each.payment[-4:].upper(), each.amount, each.asked_ms, staff.name_of(web.reads, each.trusted) or ""
        )
        for each in reversed(found)
    ]


class OwedFees(msgspec.Struct, frozen=True):
    """Late fees that somebody owes."""

    member: str
    amount: int
    door: str
    """Of the locker that was collected from late last."""
    at_ms: int


def owed_fees(web: Web, text: str) -> list[OwedFees]:
    """What is owed, whoever collected last first; only a member's, where their code was scanned."""
    found = [_fee(web.reads, each) for each in ledger.owing(web.reads)]
    code = passes.code_in_text(text)
    shown = web.passes.read(code, web.reads.now) if code else None
    if shown is None:
        return found
    people = firm(web.reads, pass_owner(web.reads, shown), web.reads.now)
    return [each for each in found if each.member in people]


def _fee(reads: Reads, each: Owing) -> OwedFees:
    parcel = lockers.parcel(reads, each.parcel)
    return OwedFees(each.member, each.amount, parcel.door if parcel else "", each.at_ms)


def _amount(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 13):
        raise Refusal("bad_request", field="amount", expected="a whole number", found=text[:20])
    return int(text)


def add_counter(routes: APIRouter, web: Web) -> None:
    """The routes that say so."""

    @routes.post("/payments/{number}")
    @audience(FLOOR)
    async def take(number: str, request: Request) -> Response:
        """The money was taken: the order is made, and its goods can leave."""
        person = web.access.required(request)
        known = paying.payment_of_number(web, number)
        async with sent_form(request) as form:
            amount = _amount(str(form.get("amount", "")))
        evidence = Evidence(amount=amount, currency=known.currency, by=f"staff/{person.staff}")
        await web.desk.paid(known.payment, evidence)
        order = orders.of_basket(web.reads, known.basket)
        return RedirectResponse(f"/staff/orders/{order.order}" if order else "/staff/orders", 303)

    @routes.post("/fees/{member}")
    @audience(FLOOR)
    async def take_fees(member: str, request: Request) -> Response:
        """Late fees were taken."""
        person = web.access.required(request)
        async with sent_form(request) as form:
            amount, asked = _amount(str(form.get("amount", ""))), checked_request(str(form.get("request", "")))
        by = f"staff/{person.staff}"
        await web.decide(ledger_decisions.take_fees, member=member, amount=amount, key=f"{by}/{asked}", by=by)
        return RedirectResponse("/staff/orders?done=fees", 303)
