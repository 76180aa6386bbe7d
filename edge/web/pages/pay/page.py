"""`/pay`: how one pays for what is held, what to show or scan for it, and what is known of how it went. Plain forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from edge.domain.baskets import queries as baskets
from edge.domain.orders import queries as orders
from edge.domain.orders.decisions import settle_free
from edge.domain.payments import queries
from edge.errors import Refusal
from edge.gateway.payments.simulated import SimulatedPort
from edge.web import moments, qr_codes
from edge.web.actions import paying
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.last_touchpoint import last_touchpoint_id
from edge.web.page import Action, Page, PageForm, Shown
from edge.web.pages.pay import in_wechat
from edge.web.request_ids import checked_request
from edge.web.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.domain.baskets.queries import Hold
    from edge.domain.payments.rules import Payment
    from edge.web.web import Web

BASKET: Final = "/basket"
_CHANGED: Final = frozenset({"basket_changed", "basket_not_held", "price_changed"})


class PayForm(PageForm):
    """The forms of this page."""

    request: str = Field(max_length=36)
    port: str = Field("", max_length=32)
    device: str = Field("", max_length=64)
    payment: str = Field("", max_length=36)
    seen: int | None = Field(None, ge=0, le=10**12)
    """What it costs by this way, where offers ask for one."""
    basket: str = Field("", max_length=64)
    """Which one is paid, or taken for nothing: tapped again, it is that one still."""


def show(visit: Visit) -> Shown | Response:
    """The ways to pay; or how the attempt stands that was made last."""
    if visit.caller is None:
        return RedirectResponse(BASKET, 303)
    named = (visit.form.payment if visit.form else "") or visit.request.query_params.get("p", "")
    basket = baskets.of_member(visit.web.reads, visit.caller.member)
    payment = _own_payment(visit.web, visit.request, named) if named else None
    if payment is None and basket is not None:
        attempts = queries.of_basket(visit.web.reads, basket)
        payment = attempts[-1] if attempts else None
    if payment is not None and payment.state == "paid" and named:
        return _paid(visit, payment)
    hold = baskets.hold(visit.web.reads, basket) if basket else None
    if payment is not None and payment.is_open:
        return _open(visit, payment)
    if hold is None:
        # Changed in another tab meanwhile: what was tapped here did not happen, and the basket says so.
        changed = visit.problem is not None and visit.problem.code in _CHANGED
        return RedirectResponse(f"{BASKET}?done=changed" if changed else BASKET, 303)
    return _choice(visit, hold, payment)


def _own_payment(web: Web, request: Request, payment: str) -> Payment | None:
    try:
        return paying.own_payment(web, request, payment)
    except Refusal:
        return None


def _paid(visit: Visit, payment: Payment) -> Shown | Response:
    order = orders.of_basket(visit.web.reads, payment.basket)
    if order is not None:
        return RedirectResponse(f"/orders/{order.order}", 303)
    return "pay/pay.html", {"stage": "back", "payment": payment, "back": BASKET}


def _choice(visit: Visit, hold: Hold, last: Payment | None) -> Shown:
    """What is on offer, and what is not, and why; the terminals one by one."""
    failed = last is not None and last.state == "failed" and last.quote == hold.quote.hash
    ways = [port for port in visit.web.desk.ports.values() if not port.off()]
    prices, anew = _prices(visit, hold, [port.name for port in ways])
    return "pay/pay.html", {
        "stage": "choice",
        "basket": hold.basket,
        "total": hold.total,
        "fees": hold.fees,
        "in_wechat": in_wechat.opens(visit.web, visit.request),
        "until_ms": hold.until_ms,
        "ways": ways,
        "prices": prices,
        "anew": anew,
        "off": [(port.name, port.off()) for port in visit.web.desk.ports.values() if port.off()],
        "terminals": [each.id for each in visit.web.settings.gateway.payments.terminals],
        "failed": last.reason if failed and last else "",
        "back": BASKET,
    }


def _prices(visit: Visit, hold: Hold, ways: Sequence[str]) -> tuple[dict[str, int], set[str]]:
    """What it costs by each way, where an offer asks for one, and for which of them it is held anew: what is held for
    any way stands for each that is not cheaper.
    """
    found = baskets.now(visit.web.reads, hold.basket)
    if found is None:
        return {}, set()
    chosen, totals = found.choices.paid_by, visit.web.pricing.by_way(found, ways)
    prices = {name: total + hold.fees for name, total in totals.items()}
    stands = {name for name, price in prices.items() if chosen in ("", name) and price >= hold.total}
    return prices | dict.fromkeys(stands, hold.total), prices.keys() - stands


def _open(visit: Visit, payment: Payment) -> Shown:
    sheet = in_wechat.sheet(visit.web, payment)
    scanned = (payment.port == "wechat" and sheet is None) or (payment.port == "counter" and payment.shows)
    zone = visit.web.layout.store.zone
    simulated = isinstance(visit.web.desk.ports.get(payment.port), SimulatedPort)
    return "pay/pay.html", {
        "stage": payment.state if payment.state == "waiting" else "unknown",
        "payment": payment,
        "sheet": sheet,
        "qr": qr_codes.svg(payment.shows, inline=True).decode() if scanned and payment.shows else "",
        "clock": lambda ms: moments.time_of_day(ms, zone),
        "plays": simulated and visit.web.settings.gateway.demo,
        "back": BASKET,
    }


async def _pay(visit: Visit, form: PayForm) -> Response:
    caller = require_caller(visit.caller)
    basket = form.basket or baskets.of_member(visit.web.reads, caller.member)
    if basket is None or not baskets.owns(visit.web.reads, caller.member, basket):
        raise Refusal("basket_empty")
    paid = queries.paid_of(visit.web.reads, basket)
    if paid is not None:
        return visit.back(p=paid.payment)
    if form.seen is not None and queries.of_request(visit.web.reads, form.request) is None:
        held = await paying.price_for(
            visit.web, caller, form.port, form.seen, last_touchpoint_id(visit.web, visit.request)
        )
        if not held.total:
            return visit.back()
        if form.port == "wechat" and in_wechat.opens(visit.web, visit.request):
            return RedirectResponse(in_wechat.PATH, 303)
    wanted = paying.payment_request(visit.web, basket, form.port, checked_request(form.request), device=form.device)
    payment = await visit.web.desk.pay(wanted, paying.payment_input(visit.web))
    return visit.back(p=payment.payment)


async def _take_free(visit: Visit, form: PayForm) -> Response:
    """Offers and points have paid for everything."""
    caller = require_caller(visit.caller)
    settled = await visit.web.decide(settle_free, caller=caller, basket=form.basket, terms=visit.web.checkout.terms)
    return RedirectResponse(f"/orders/{settled.order}", 303)


async def _close(visit: Visit, form: PayForm) -> Response:
    payment = paying.own_payment(visit.web, visit.request, form.payment)
    closed = await visit.web.desk.close(payment.payment, "shopper")
    return visit.back() if closed.state == "closed" else visit.back(p=payment.payment)


async def _look(visit: Visit, form: PayForm) -> Response:
    payment = paying.own_payment(visit.web, visit.request, form.payment)
    await visit.web.desk.look(payment.payment)
    return visit.back(p=payment.payment)


async def _play(visit: Visit, form: PayForm) -> Response:
    """The demo's player is the bank."""
    payment = paying.own_payment(visit.web, visit.request, form.payment)
    port = visit.web.desk.ports.get(payment.port)
    if not isinstance(port, SimulatedPort) or not visit.web.settings.gateway.demo:
        raise Refusal("payment_off", port=payment.port)
    port.act(payment.payment, "pay" if form.do == "play_pay" else "fail")
    await visit.web.desk.look(payment.payment)
    return visit.back(p=payment.payment)


def router(web: Web) -> APIRouter:
    """What its script asks."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/pay/now")
    @audience(SHOPPER)
    async def now(request: Request, p: str = "") -> Response:
        """How the caller's payment stands."""
        payment = _own_payment(web, request, p)
        return JSONResponse({"state": payment.state if payment else ""}, headers={"Cache-Control": "no-store"})

    in_wechat.add_routes(routes, web)

    return routes


PAGE: Final = Page[Any, PayForm](
    "pay",
    path="/pay",
    show=show,
    form=PayForm,
    actions={
        "pay": Action(_pay, bound="changing"),
        "free": Action(_take_free, bound="changing"),
        "close": Action(_close, bound="changing"),
        "look": Action(_look, bound="changing"),
        "play_pay": Action(_play),
        "play_fail": Action(_play),
    },
    routes=router,
)
