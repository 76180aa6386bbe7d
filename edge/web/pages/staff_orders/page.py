"""`/staff/orders`: an order is found by exit code, digits or number; its goods leave there, are checked, come back."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from edge.domain.baskets import decisions as baskets
from edge.domain.baskets.rules import Owner
from edge.domain.codes.readings import Scan
from edge.domain.members import passes
from edge.domain.members import queries as member_queries
from edge.domain.orders import audits, queries, refunds, slips
from edge.domain.orders import decisions as orders
from edge.domain.orders.refunds import RefundRequest
from edge.errors import Refusal
from edge.gateway import typed_text
from edge.gateway.basket_goods import of_trade
from edge.web.audience import FLOOR, audience
from edge.web.moments import now_ms
from edge.web.page import Page
from edge.web.pages.staff_orders.counter import (
    add_counter,
    owed_fees,
    payment_number,
    unknown_payments,
    waiting_payments,
)
from edge.web.problems import Problem
from edge.web.request_ids import checked_request
from edge.web.views import orders as views
from edge.web.visit import sent_form
from gs1.trade import Trade, gtin14

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge.domain.orders.facts import RefundKind
    from edge.domain.orders.rules import Order
    from edge.domain.staff.rules import Person
    from edge.web.web import Web

LATEST: Final = 30
DEAREST: Final = 3
MAX_SCANS: Final = 1000
COUNTER: Final = "counter"
"""What was paid at a till goes back as it came: by hand."""
BACK: Final[dict[str, RefundKind]] = {"refund": "return", "exchange": "exchange", "void": "void"}


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(prefix="/staff", include_in_schema=False)
    desk = _Desk(web)
    routes.add_api_route("/orders", desk.find, methods=["GET"])
    routes.add_api_route("/orders/{order}", desk.show, methods=["GET"])
    routes.add_api_route("/orders/{order}", desk.act, methods=["POST"])
    add_counter(routes, web)
    return routes


class _Desk:
    """Orders as staff see them."""

    def __init__(self, web: Web) -> None:
        self._web = web

    @audience(FLOOR)
    async def find(
        self,
        request: Request,
        q: Annotated[str, Query(max_length=300)] = "",
        done: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        """What was scanned or typed, or the latest orders."""
        self._web.access.required(request)
        problem, number = None, payment_number(q)
        due, owed = waiting_payments(self._web, number), []
        try:
            owed = owed_fees(self._web, q)
            if q.strip() and not (number and due) and not passes.code_in_text(q):
                order, shown = self._web.checkout.find(q, now_ms())
                return RedirectResponse(f"/staff/orders/{order.order}{'?shown=1' if shown else ''}", 303)
        except Refusal as refusal:
            problem = Problem.of(refusal)
        language = self._web.language(request)
        return self._web.page(
            request,
            "staff_orders/list.html",
            problem.status if problem else 200,
            q=q,
            problem=problem.sentence(self._web.texts, language) if problem else None,
            due=due,
            owed=owed,
            unknown=unknown_payments(self._web),
            done=done == "fees",
            orders=[]
            if number and due
            else [views.order_view(each, language) for each in queries.latest(self._web.reads, LATEST)],
        )

    @audience(FLOOR)
    async def show(
        self, order: str, request: Request, shown: str = "", done: Annotated[str, Query(max_length=20)] = ""
    ) -> Response:
        """One order. `shown` is whether a phone had its code for the exit just now."""
        person = self._web.access.required(request)
        return self._page(request, self._order(order), person, shown=bool(shown), done=done)

    @audience(FLOOR)
    async def act(self, order: str, request: Request) -> Response:
        """One act; what is refused is said on the order's page."""
        person = self._web.access.required(request)
        found = self._order(order)
        async with sent_form(request) as form:
            do = str(form.get("do", ""))
            try:
                if do == "look":
                    return self._page(request, found, person, looked=self._wanted(form, found, person, "return"))
                done = await self._do(do, form, found, person, self._web.language(request))
            except Refusal as refusal:
                # Where another amount comes back by now, it is said at once.
                again = self._wanted(form, found, person, "return") if refusal.code == "page_outdated" else None
                return self._page(request, found, person, looked=again, problem=Problem.of(refusal))
        return RedirectResponse(f"/staff/orders/{found.order}?done={quote(done)}", 303)

    async def _do(self, do: str, form: FormData, order: Order, person: Person, language: str) -> str:
        decide, by = self._web.decide, f"staff/{person.staff}"
        rules = self._web.checkout.rules
        if do == "hand_over":
            await decide(orders.hand_over, order=order.order, by=by)
        elif do == "print":
            await decide(slips.print_again, order=order.order, language=language, rules=rules, by=person.staff)
        elif do == "given":
            await decide(refunds.record_cash_refund, refund=str(form.get("refund", "")), by=by)
        elif do == "check":
            return await self._check(str(form.get("scanned", "")), order, by)
        elif do in BACK:
            wanted = self._wanted(form, order, person, BACK[do])
            await decide(refunds.refund, wanted=wanted, rules=rules)
            return "refund_cash" if do == "refund" and wanted.way == "cash" else do
        else:
            raise Refusal("bad_request", field="do")
        return do

    async def _check(self, text: str, order: Order, by: str) -> str:
        """Reads what a scanner typed, a code after the other. What is not paid for goes into the buyer's basket."""
        scanned = [self._gtin(each) for each in typed_text.normal_width(text).split()[:MAX_SCANS]]
        outcome = await self._web.decide(audits.check, order=order.order, scanned=scanned, by=by)
        if outcome == "failed" and member_queries.exists(self._web.reads, order.member):
            await self._put_right(order, Counter(scanned) - audits.bought(order))
        return f"check_{outcome}"

    def _gtin(self, text: str) -> str:
        """The good of a code, that of a bag whose label the scales printed too. Raises `Refusal` product_unknown."""
        whole = gtin14(text) if text.isascii() and text.isdecimal() else None
        readings = self._web.code_reader.read(Scan(text), now_ms())
        trades = (each.trade for each in readings if each.kind == "product")
        for known in (whole or text, *(trade.gtin for trade in trades if trade is not None)):
            product = self._web.products.find(known)
            if product is not None:
                return product.gtin
        if whole is None:
            raise Refusal("product_unknown", product=text[:40])
        return whole

    async def _put_right(self, order: Order, unpaid: Counter[str]) -> None:
        """What nobody paid for yet is in the buyer's basket, to be paid as everything else. Raises `Refusal` of what
        cannot be put there, once all the rest is.
        """
        refused: Refusal | None = None
        for gtin, count in sorted(unpaid.items()):
            try:
                good = of_trade(self._web.products, Trade(gtin, "page"), self._web.reads.now, how="scanner")
            except Refusal as refusal:
                refused = refused or refusal
                continue
            for number in range(count):
                request = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{order.order}|{gtin}|{number}"))
                owner = Owner(member=order.member)
                await self._web.decide(baskets.add_at, owner=owner, basket=request, good=good, request=request)
        if refused is not None:
            raise refused

    def _wanted(self, form: FormData, order: Order, person: Person, kind: RefundKind) -> RefundRequest:
        """What a form wants back. Raises `Refusal` bad_request."""
        asked: dict[str, int] = {}
        for place, line in enumerate(order.paid.lines):
            text = str(form.get(f"units-{place}", "0")) or "0"
            if not (text.isascii() and text.isdecimal() and len(text) < 5):
                raise Refusal("bad_request", field=f"units-{place}", expected="a whole number", found=text[:20])
            if int(text):
                asked[line.id] = int(text)
        money, _, of = str(form.get("said", "")).partition(":")
        told = kind == "return" and of == _listed(asked) and money.isascii() and money.isdecimal() and len(money) < 13
        way: Literal["port", "cash"] = "cash" if form.get("way") == "cash" else "port"
        return RefundRequest(
            order=order.order,
            request=checked_request(str(form.get("request", ""))),
            by=f"staff/{person.staff}",
            units=asked,
            kind=kind,
            way=way,
            reason=str(form.get("reason", "")),
            manager=person.role == "manager",
            goods=self._web.pricing.goods([line.gtin for line in order.paid.lines], self._web.reads.now),
            shown=int(money) if told else None,
        )

    def _order(self, name: str) -> Order:
        found = queries.order(self._web.reads, name)
        if found is None:
            raise Refusal("order_unknown")
        return found

    def _page(
        self,
        request: Request,
        order: Order,
        person: Person,
        *,
        shown: bool = False,
        done: str = "",
        looked: RefundRequest | None = None,
        problem: Problem | None = None,
    ) -> Response:
        language = self._web.language(request)
        key = f"orders.desk_done_{done}"
        whole = views.order_view(order, language)
        there = [row for row in whole.rows if row.units > row.back]
        amount = refunds.amount(self._web.reads, order, looked) if looked else None
        return self._web.page(
            request,
            "staff_orders/order.html",
            problem.status if problem else 200,
            order=whole,
            state=order.state,
            audit=order.audit,
            pieces=sum(row.units - row.back for row in whole.rows),
            with_buyer=audits.bought(order).total(),
            shown=shown,
            person=person,
            dearest=sorted(there, key=lambda row: -row.pay // max(1, row.units))[:DEAREST],
            bags=[row for row in there if row.many.endswith("kg")],
            aged=[row for row in there if row.age],
            asked=dict(looked.units) if looked else {},
            reason=looked.reason if looked else "",
            way=looked.way if looked else "",
            at_till=any(each.port == COUNTER for each in order.paid.paid),
            amount=amount,
            said=f"{amount}:{_listed(looked.units)}" if looked else "",
            refunds=views.refunds_view(queries.refunds(self._web.reads, order.order)),
            done=self._web.texts.say(language, key) if done and self._web.texts.has(key) else None,
            problem=problem.sentence(self._web.texts, language) if problem else None,
        )


def _listed(units: Mapping[str, int]) -> str:
    """What an amount was said for: with other goods it says nothing."""
    return ",".join(f"{line}={count}" for line, count in units.items())


PAGE: Final = Page[Any, Any]("staff_orders", routes=router)
