"""`/api/v1/payments`: ask for money, see how it stands, take it back; tills and staff say what they took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from edge.domain.baskets import queries as baskets
from edge.domain.payments import queries
from edge.domain.payments.rules import Evidence, Payment
from edge.domain.touchpoints.plain_codes import is_citizen
from edge.errors import Refusal
from edge.gateway.payments.simulated import ACTS, SimulatedPort
from edge.gateway.payments.wechat import WechatPort
from edge.web import limits
from edge.web.actions import paying
from edge.web.audience import ANYBODY, FLOOR, INSIDE, SHOPPER, TILL, audience
from edge.web.document import BOUNDED, RequestId
from edge.web.request_ids import checked_request
from edge.web.server.direct_route import DirectRoute

if TYPE_CHECKING:
    from edge.web.web import Web

MAX_AMOUNT: Final = 1_000_000_000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PayRequest(_Body):
    """A shopper pays what is held for their basket."""

    port: str = Field(max_length=32)
    """`counter`, `wechat`, `terminal`, `simulated`: one of those on offer."""
    device: str = Field("", max_length=64)
    """The terminal, where there are several."""
    request: RequestId
    """A UUID made by the caller: sent again, it asks once."""


class MoneyReceived(_Body):
    """A till, or staff, took the money."""

    amount: Annotated[int, Field(ge=1, le=MAX_AMOUNT)]
    """In the currency's smallest unit: what was asked for."""
    currency: str = Field(pattern="^[A-Z]{3}$")
    reference: str = Field("", max_length=64)
    """The till's own number of the receipt."""


class PresentedCode(_Body):
    """A shopper shows a code that pays, at a till or to a certified device beside it."""

    basket: str = Field(max_length=64)
    """What is held for it is paid."""
    code: str = Field(min_length=6, max_length=128)
    """From the phone; of a face, what the device made of it. It is used once and kept nowhere."""
    source: Literal["phone", "face"] = "phone"
    agreed: bool = Field(False, strict=True)
    """Whether the shopper said yes, at the device, to paying by their face this time."""
    request: RequestId


class SimulatedEvent(_Body):
    """What happens to a simulated payment."""

    do: Literal["pay", "fail", "silent", "answer", "refund_hangs", "refund_fails", "refund_works"]


class PaymentStatus(BaseModel):
    """How a payment stands."""

    payment: str
    basket: str
    port: str
    state: Literal["asked", "waiting", "unknown", "paid", "failed", "closed"]
    """`unknown`: nobody knows whether it was paid. It says so by itself later; nothing else is asked meanwhile."""
    amount: int
    currency: str
    shows: str
    """What the shopper is shown to pay: the content of a QR code, or a number."""
    reason: str
    until_ms: int


class PaymentWay(BaseModel):
    """A way to pay."""

    port: str
    off: str
    """Why it is not on offer now; empty where it is."""


def payment_status(payment: Payment) -> PaymentStatus:
    """What callers are told of a payment."""
    return PaymentStatus(
        payment=payment.payment,
        basket=payment.basket,
        port=payment.port,
        state=payment.state,
        amount=payment.amount,
        currency=payment.currency,
        shows=payment.shows if payment.is_open else "",
        reason=payment.reason,
        until_ms=payment.until_ms,
    )


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(route_class=DirectRoute, prefix="/api/v1/payments", tags=["payments"])
    _of_news(web, routes)
    _of_shoppers(web, routes)
    _of_tills(web, routes)
    _of_players(web, routes)
    return routes


def _of_shoppers(web: Web, routes: APIRouter) -> None:
    @routes.get("/ways")
    @audience(SHOPPER)
    async def ways() -> list[PaymentWay]:
        """How one can pay here now."""
        return [PaymentWay(port=port.name, off=port.off()) for port in web.desk.ports.values()]

    @routes.post("", responses=BOUNDED)
    @audience(SHOPPER)
    async def pay(body: PayRequest, request: Request) -> PaymentStatus:
        """Asks for what is held for the caller's basket. Needs the cookie `sk_member`."""
        caller = web.caller(request)
        if caller is None:
            raise Refusal("not_registered")
        limits.take(web, request, "changing", None, caller.member)
        name, basket = checked_request(body.request), baskets.of_member(web.reads, caller.member)
        if basket is None or queries.of_request(web.reads, name) is not None:
            return payment_status(paying.asked_before(web, caller.member, name))
        wanted = paying.payment_request(web, basket, body.port, name, device=body.device)
        return payment_status(await web.desk.pay(wanted, paying.payment_input(web)))

    @routes.get("/{payment}")
    @audience(SHOPPER)
    async def read(payment: str, request: Request) -> PaymentStatus:
        """How the caller's payment stands."""
        return payment_status(paying.own_payment(web, request, payment))

    @routes.post("/{payment}/close", responses=BOUNDED)
    @audience(SHOPPER)
    async def close(payment: str, request: Request) -> PaymentStatus:
        """Takes it back, to pay otherwise; what was paid meanwhile is paid."""
        return payment_status(await web.desk.close(paying.own_payment(web, request, payment).payment, "shopper"))


def _of_news(web: Web, routes: APIRouter) -> None:
    """What WeChat Pay tells, relayed to this store; there is no such address where it is not set up."""
    port = web.desk.ports.get("wechat")
    if not isinstance(port, WechatPort):
        return

    @routes.post("/wechat/news", status_code=204)
    @audience(ANYBODY)
    async def news(request: Request) -> Response:
        """Something was paid, it says: WeChat Pay is asked whether that is so. 401 for what is not genuine."""
        named = await port.news(request.headers, await request.body())
        if named is None:
            return JSONResponse({"code": "FAIL", "message": "not genuine"}, 401)
        web.desk.hint(named)
        return Response(status_code=204)


def _of_tills(web: Web, routes: APIRouter) -> None:
    @routes.get("/at-till/{number}")
    @audience(TILL)
    async def find(number: str) -> PaymentStatus:
        """The payment of a number that a shopper shows."""
        return payment_status(paying.payment_of_number(web, number))

    @routes.post("/by-code")
    @audience(TILL)
    async def by_code(body: PresentedCode, request: Request) -> PaymentStatus:
        """Pays by a code that the till has scanned; the number of an identity card goes to nobody. A face's code
        needs the shopper's word, each time.
        """
        web.access.till(request)
        if body.source == "face" and not web.settings.gateway.payments.face:
            raise Refusal("payment_off", port="wechat", why="not_set_up")
        if body.source == "face" and not body.agreed:
            raise Refusal("consent_missing")
        if body.source == "phone" and is_citizen(body.code):
            raise Refusal("no_payment_code")
        way: Literal["face", "code"] = "face" if body.source == "face" else "code"
        wanted = paying.payment_request(web, body.basket, "wechat", checked_request(body.request), way=way)
        return payment_status(await web.desk.pay(wanted, paying.payment_input(web, code=body.code)))

    @routes.post("/at-till/{number}/paid")
    @audience(TILL)
    async def paid(number: str, body: MoneyReceived, request: Request) -> PaymentStatus:
        """The till took the money. Sent again, it counts once."""
        return await _record_money(web, number, body, f"till/{web.access.till(request)}")

    @routes.post("/at-counter/{number}/paid")
    @audience(FLOOR)
    async def taken(number: str, body: MoneyReceived, request: Request) -> PaymentStatus:
        """Staff took the money."""
        return await _record_money(web, number, body, f"staff/{web.access.required(request).staff}")


async def _record_money(web: Web, number: str, body: MoneyReceived, by: str) -> PaymentStatus:
    known = paying.payment_of_number(web, number)
    evidence = Evidence(amount=body.amount, currency=body.currency, by=by, reference=body.reference)
    await web.desk.paid(known.payment, evidence)
    return payment_status(queries.payment(web.reads, known.payment) or known)


def _of_players(web: Web, routes: APIRouter) -> None:
    """Where payments are played."""
    port = web.desk.ports.get("simulated")
    if not isinstance(port, SimulatedPort):
        return

    @routes.post("/{payment}/play")
    @audience(INSIDE)
    async def play(payment: str, body: SimulatedEvent) -> PaymentStatus:
        """Lets something happen to a simulated payment."""
        if body.do not in ACTS or not port.act(payment, body.do):
            raise Refusal("payment_gone", payment=payment)
        return payment_status(await web.desk.look(payment))


def described(payment: Payment) -> dict[str, Any]:
    """The same as plain values, for pages."""
    return payment_status(payment).model_dump()
