"""`/api/v1/orders`: a till's orders, priced and redeemed by the store; and what a shopper bought. See docs/till.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Path, Request, Security
from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.domain.baskets.rules import HEAVIEST_G, MAX_LINES, MAX_PIECES, Choices
from edge.domain.members.passes import code_in_text
from edge.domain.orders import queries
from edge.domain.orders.refunds import RefundRequest
from edge.errors import Refusal
from edge.gateway.till_orders import TillLine, TillOrderStatus
from edge.web.api.slips import BEARER
from edge.web.audience import SHOPPER, TILL, audience
from edge.web.document import WHOLE, RequestId, WayOfPaying, Whole
from edge.web.views import orders as views

if TYPE_CHECKING:
    from edge.domain.members.passes import Pass
    from edge.gateway.till_orders import TillOrders
    from edge.web.web import Web

NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$"
Name = Annotated[str, Field(pattern=NAME)]
InPath = Annotated[str, Path(pattern=NAME)]
MAX_AMOUNT: Final = 10**12
Amount = Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT), WHOLE]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _requires(name: str) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"type": "number"}}}


ONE_BAG: Final[dict[str, Any]] = {
    "if": {"anyOf": [_requires("grams"), _requires("label_price")]},
    "then": {"properties": {"quantity": {"const": 1}}},
}
"""What the schema says of a weighed bag."""


class SoldLine(_Body):
    """One line of the till."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=ONE_BAG)

    line: Name
    """The till's own name of the line; returns ask for it."""
    gtin: str = Field(pattern=r"^\d{8,14}$")
    """GTIN-8 to GTIN-14, as it was scanned."""
    quantity: Whole = Field(1, ge=1, le=MAX_PIECES)
    """Pieces. 1 for what is weighed: each bag is a line of its own."""
    grams: Annotated[int, Field(strict=True, ge=1, le=HEAVIEST_G), WHOLE] | None = None
    """Of a weighed bag."""
    label_price: Amount | None = None
    """What the label of the bag says that it costs."""

    @model_validator(mode="after")
    def _one_bag(self) -> SoldLine:
        if self.quantity != 1 and (self.grams is not None or self.label_price is not None):
            raise ValueError("expected quantity 1 for what is weighed: each bag is a line of its own")
        return self


class TillOrder(_Body):
    """All that lies on the belt, as it is now: said again, it changes nothing."""

    order: Name
    """The till's own name of the order, such as its receipt's number. It is the key: the same order is sold once."""
    lines: list[SoldLine] = Field(min_length=1, max_length=MAX_LINES)
    member: str | None = Field(None, max_length=512)
    """The member's code, as the scanner read it from the phone. Once accepted the order keeps its member."""
    pins: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field([], max_length=20)
    """Coupons or campaigns to use in any case. Without them the best set is taken."""
    without: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field([], max_length=20)
    """Coupons or campaigns to keep for another time."""
    points: Whole = Field(0, ge=0, le=1_000_000_000)
    """How many points to use at most."""
    paid_by: WayOfPaying = ""
    """The way of paying, where an offer may ask for one: the price is for it, and `confirm` says the same."""
    age_checked_by: str = Field("", max_length=40)
    """Who at the till saw that the buyer is old enough, where goods ask for that."""
    hold: Annotated[bool, Field(strict=True)] = False
    """Whether the price shall stand for ten minutes, with what it uses, to be paid."""
    seen: Amount | None = None
    """With `hold`: the total that was shown. Where it has risen since, it is refused with price_changed."""

    @model_validator(mode="after")
    def _lines_differ(self) -> TillOrder:
        if len({line.line for line in self.lines}) < len(self.lines):
            raise ValueError("expected another name for each line")
        return self


class TakeBasketRequest(_Body):
    """Whoever stands at the till says four digits."""

    digits: str = Field(min_length=1, max_length=12)


class ConfirmRequest(_Body):
    """The till took the money."""

    amount: Amount
    """Exactly the total that is held."""
    currency: str = Field(pattern="^[A-Z]{3}$")
    receipt: str = Field("", max_length=64)
    """The till's own number of the receipt."""
    paid_by: WayOfPaying = ""
    """How the money came, where the order was priced for a way of paying."""


class FeesPaidRequest(_Body):
    """The till took the late fees that the order's member owes."""

    request: RequestId
    """A UUID made by the till: sent again, they are booked once."""
    amount: Annotated[int, Field(strict=True, ge=1, le=MAX_AMOUNT), WHOLE]
    """Exactly what is `owed`."""


class ReturnRequest(_Body):
    """Goods come back to the till, which gives the money itself."""

    request: RequestId
    """A UUID made by the till: sent again, it is decided once."""
    lines: dict[Name, Annotated[int, Field(strict=True, ge=1, le=MAX_PIECES), WHOLE]] = Field(
        {}, json_schema_extra={"additionalProperties": False}
    )
    """Units that come back, by the till's own name of the line. Left out with `kind` void."""
    kind: Literal["return", "void", "exchange"] = "return"
    reason: str = Field(min_length=1, max_length=200)


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1/orders", tags=["orders"])
    _add_shoppers(routes, web)
    _add_orders(routes, web, web.till_orders)
    _add_steps(routes, web, web.till_orders)
    return routes


def _add_shoppers(routes: APIRouter, web: Web) -> None:
    @routes.get("/mine")
    @audience(SHOPPER)
    async def mine(request: Request) -> list[dict[str, Any]]:
        """What the caller bought, the latest first. Needs the cookie `sk_member`."""
        caller = web.caller(request)
        if caller is None:
            raise Refusal("not_registered")
        language = web.language(request)
        return [
            msgspec.to_builtins(views.order_view(each, language))
            for each in queries.of_member(web.reads, caller.member)
        ]


def _add_orders(routes: APIRouter, web: Web, orders: TillOrders) -> None:
    @routes.post("", dependencies=[Security(BEARER)])
    @audience(TILL)
    async def say(body: TillOrder, request: Request) -> dict[str, Any]:
        """Prices an order, and holds the price where that is asked for. Said again, it is the same order; one that is
        paid is answered as it was paid.
        """
        till, now = web.access.till(request), web.reads.now
        lines = [TillLine(each.line, each.gtin, each.quantity, each.grams, each.label_price) for each in body.lines]
        choices = Choices(tuple(body.pins), tuple(body.without), body.points, body.paid_by)
        shown = _pass_of(web, body.member)
        standing = await orders.fill(
            till, body.order, lines, choices, now, shown=shown, age_by=body.age_checked_by.strip()
        )
        if body.hold:
            standing = await orders.hold(till, body.order, body.seen, now)
        return till_order_answer(web, request, till, standing)

    @routes.post("/{order}/take", dependencies=[Security(BEARER)])
    @audience(TILL)
    async def take(order: InPath, body: TakeBasketRequest, request: Request) -> dict[str, Any]:
        """Has an order be the basket of a screen or a phone, by the digits that the customer says. Its lines are named
        1, 2, 3 … Refused: basket_gone, basket_taken, basket_paying.
        """
        till = web.access.till(request)
        return till_order_answer(
            web, request, till, await orders.take(till, order, body.digits, web.handover, web.reads.now)
        )

    @routes.get("/{order}", dependencies=[Security(BEARER)])
    @audience(TILL)
    async def read(order: InPath, request: Request) -> dict[str, Any]:
        """How an order of this till stands."""
        till = web.access.till(request)
        return till_order_answer(web, request, till, orders.read(till, order, web.reads.now))


def _add_steps(routes: APIRouter, web: Web, orders: TillOrders) -> None:
    @routes.post("/{order}/confirm", dependencies=[Security(BEARER)])
    @audience(TILL)
    async def confirm(order: InPath, body: ConfirmRequest, request: Request) -> dict[str, Any]:
        """The money is in the till: coupons are redeemed and points booked, once."""
        till = web.access.till(request)
        standing = await orders.confirm(
            till, order, body.amount, body.currency, body.receipt.strip(), web.reads.now, paid_by=body.paid_by
        )
        return till_order_answer(web, request, till, standing)

    @routes.post("/{order}/fees", dependencies=[Security(BEARER)])
    @audience(TILL)
    async def take_fees(order: InPath, body: FeesPaidRequest, request: Request) -> dict[str, Any]:
        """The late fees that its member owes are in the till, before or after the order itself. Refused:
        payment_differs, basket_paying.
        """
        till = web.access.till(request)
        standing = await orders.take_fees(till, order, body.amount, str(body.request), web.reads.now)
        return till_order_answer(web, request, till, standing)

    @routes.post("/{order}/release", dependencies=[Security(BEARER)])
    @audience(TILL)
    async def release(order: InPath, request: Request) -> dict[str, Any]:
        """Nothing is paid: what was held is free again."""
        till = web.access.till(request)
        return till_order_answer(web, request, till, await orders.release(till, order, web.reads.now))

    @routes.post("/{order}/returns", dependencies=[Security(BEARER)])
    @audience(TILL)
    async def give_back(order: InPath, body: ReturnRequest, request: Request) -> dict[str, Any]:
        """Takes goods back: answers with the money that the till gives, or that goes back by the way it came, and the
        points that come back and go.
        """
        till = web.access.till(request)
        wanted = RefundRequest(
            order="", request=str(body.request), by="", units=dict(body.lines), kind=body.kind, reason=body.reason
        )
        decided = await orders.give_back(till, order, wanted, web.reads.now)
        amount, by_port = (0, decided.amount) if decided.way == "port" else (decided.amount, 0)
        return {**msgspec.to_builtins(decided), "amount": amount, "sent_back": by_port}


def _pass_of(web: Web, text: str | None) -> Pass | None:
    """A code that was taken for the order before is said again with it, however old it is by then. Raises `Refusal`:
    code_unknown, code_tampered, code_expired.
    """
    if text is None:
        return None
    shown = web.passes.read(code_in_text(text), web.reads.now, old=True)
    if shown is None:
        raise Refusal("code_unknown")
    return shown


def till_order_answer(web: Web, request: Request, till: str, standing: TillOrderStatus) -> dict[str, Any]:
    """What a till is told of an order."""
    paid = standing.order
    answer: dict[str, Any] = {"order": standing.name, "state": standing.state, "until_ms": standing.until_ms}
    answer["owed"] = standing.owed
    start = f"till/{till}/{standing.name}/"
    if paid is not None:
        whole = msgspec.to_builtins(views.order_view(paid, web.language(request)))
        for row in whole["rows"]:
            row["line"] = row["line"].removeprefix(start)
        return {
            **answer,
            "number": paid.number,
            "total": paid.paid.total,
            "currency": paid.paid.currency,
            "receipt": whole,
        }
    quote: dict[str, Any] = msgspec.to_builtins(standing.quote)
    for line in quote["lines"]:
        line["id"] = line["id"].removeprefix(start)
    return {**answer, "total": quote["total"], "currency": quote["currency"], "quote": quote}
