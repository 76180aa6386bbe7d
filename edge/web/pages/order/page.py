"""`/orders`: what a shopper bought. `/orders/{order}`: one of it, with the code for the exit and the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from edge.domain.ledger import queries as ledger
from edge.domain.orders import queries, slips
from edge.errors import Refusal
from edge.gateway.checkout import EVERY_S, OPEN_MS, spaced
from edge.web import limits, qr_codes
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.moments import now_ms
from edge.web.page import Page
from edge.web.problems import Problem
from edge.web.views import orders as views
from edge.web.views import parcels as parcel_views

if TYPE_CHECKING:
    from edge.domain.orders.rules import Order
    from edge.web.web import Web

MANY: Final = 50
"""Orders in the list."""


def router(web: Web) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/orders")
    @audience(SHOPPER)
    async def listed(request: Request) -> Response:
        """What this member bought, the latest first; a stranger is told how to begin."""
        caller = web.caller(request)
        found = queries.of_member(web.reads, caller.member, MANY) if caller else []
        language = web.language(request)
        return web.page(
            request,
            "order/orders.html",
            member=caller.member if caller else None,
            orders=[views.order_view(each, language) for each in found],
        )

    @routes.get("/orders/{order}")
    @audience(SHOPPER)
    async def one(order: str, request: Request, done: str = "") -> Response:
        """One order. Somebody else's looks as none."""
        return _page(web, request, _own_order(web, request, order), done=done)

    @routes.get("/orders/{order}/exit")
    @audience(SHOPPER)
    async def exit_code(order: str, request: Request) -> Response:
        """The code for the exit as it is now, for the page's script."""
        found = _own_order(web, request, order)
        return JSONResponse(_code(web, found) or {}, headers={"Cache-Control": "no-store"})

    @routes.post("/orders/{order}")
    @audience(SHOPPER)
    async def send(order: str, request: Request, do: Annotated[Literal["print"], Form()]) -> Response:
        """The receipt on paper, once."""
        del do
        return await _print(web, request, _own_order(web, request, order))

    return routes


async def _print(web: Web, request: Request, order: Order) -> Response:
    caller = require_caller(web.caller(request))
    try:
        limits.take(web, request, "changing", None, caller.member)
        await web.decide(
            slips.print_receipt,
            caller=caller,
            order=order.order,
            language=web.language(request),
            rules=web.checkout.rules,
        )
    except Refusal as refusal:
        problem = Problem.of(refusal)
        return _page(web, request, order, problem=problem)
    return RedirectResponse(f"/orders/{order.order}?done=printed", 303)


def _own_order(web: Web, request: Request, name: str) -> Order:
    caller = web.caller(request)
    found = queries.order(web.reads, name)
    if caller is None or found is None or not queries.owns(web.reads, caller.member, name):
        raise Refusal("order_unknown")
    return found


def _code(web: Web, order: Order) -> dict[str, Any] | None:
    """None where its goods have left, or long ago should have."""
    taken = any(order.with_buyer(line) for line in order.paid.lines)
    if order.state != "paid" or web.reads.now - order.at_ms > OPEN_MS or not taken:
        return None
    code = web.checkout.code(order, now_ms())
    return {"svg": qr_codes.svg(code.text, inline=True).decode(), "digits": spaced(code.digits), "every": EVERY_S}


def _parcel(web: Web, order: Order, member: str, language: str) -> dict[str, str] | None:
    """The locker where its goods lie, with the digits that open it; none where they lie in none."""
    wanted = order.pickup.parcel if order.pickup and order.waits == "ready" else ""
    found = next((each for each in parcel_views.parcels(web, member, web.reads.now) if each.id == wanted), None)
    bank = web.layout.device(found.bank) if found else None
    if found is None:
        return None
    label = bank.label[language] if bank else found.bank
    return {"digits": found.digits, "where": web.texts.say(language, "pickups.behind", bank=label, door=found.door)}


def _page(web: Web, request: Request, order: Order, done: str = "", problem: Problem | None = None) -> Response:
    language = web.language(request)
    caller = web.caller(request)
    return web.page(
        request,
        "order/order.html",
        problem.status if problem else 200,
        member=caller.member if caller else None,
        order=views.order_view(order, language),
        balance=ledger.balance(web.reads, caller.member, web.reads.now).free if caller else None,
        code=_code(web, order),
        parcel=_parcel(web, order, caller.member, language) if caller else None,
        refunds=views.refunds_view(queries.refunds(web.reads, order.order)),
        notice=web.texts.say(language, "orders.printed") if done == "printed" else None,
        problem=problem.sentence(web.texts, language) if problem else None,
        back="/orders",
    )


PAGE: Final = Page[Any, Any]("order", routes=router)
