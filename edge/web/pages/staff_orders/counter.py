"""Paid to staff: what waits at the counter, by the number that phones show, and that the money was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from edge.domain.orders import queries as orders
from edge.domain.payments import queries
from edge.domain.payments.rules import Evidence
from edge.errors import Refusal
from edge.gateway.payments.counter import is_number
from edge.web.actions import paying
from edge.web.audience import FLOOR, audience

if TYPE_CHECKING:
    from edge.domain.payments.rules import Payment
    from edge.web.web import Web


def waiting(web: Web, number: str = "") -> list[Payment]:
    """The payments that can be taken here, the one asked for last first; only that of a number, where one is given."""
    found = [
        each for each in queries.all_open(web.reads) if each.port == "counter" and queries.is_wanted(web.reads, each)
    ]
    return [each for each in reversed(found) if not number or each.number == number]


def meant(text: str) -> str:
    """The number that staff typed or scanned from a phone; empty where it is none."""
    digits = "".join(text.split())
    return digits if is_number(digits) else ""


def add_counter(routes: APIRouter, web: Web) -> None:
    """The route that says so."""

    @routes.post("/payments/{number}")
    @audience(FLOOR)
    async def take(number: str, request: Request) -> Response:
        """The money was taken: the order is made, and its goods can leave."""
        person = web.access.required(request)
        known = paying.of_number(web, number)
        async with request.form() as form:
            amount = str(form.get("amount", ""))
        if not (amount.isascii() and amount.isdecimal() and len(amount) <= 13):
            raise Refusal("bad_request", field="amount", expected="a whole number", found=amount[:20])
        evidence = Evidence(amount=int(amount), currency=known.currency, by=f"staff/{person.staff}")
        await web.desk.paid(known.payment, evidence)
        order = orders.of_basket(web.reads, known.basket)
        return RedirectResponse(f"/staff/orders/{order.order}" if order else "/staff/orders", 303)
