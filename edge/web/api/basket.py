"""`/api/v1/basket`: the caller's basket. A stranger who puts something in is a guest from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import MAX_PIECES, Choices, Collect
from edge.domain.codes.code_reader import LONGEST
from edge.web import limits
from edge.web.actions import basket as actions
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.document import BOUNDED, WHOLE, RequestId, WayOfPaying, Whole
from edge.web.last_touchpoint import last_touchpoint_id
from edge.web.request_ids import checked_request
from edge.web.server.direct_route import DirectRoute
from edge.web.views import basket as views
from edge.web.views.suggestions import suggestions

if TYPE_CHECKING:
    from edge.web.web import Web

MAX_POINTS = 1_000_000_000
Line = Annotated[str, Path(max_length=36)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AddLineRequest(_Body):
    """Puts a good in: by the code that was scanned or typed, or as a product that was found by words."""

    code: str = Field(min_length=1, max_length=LONGEST)
    """The text of a bar code: the label of a weighed bag counts with its weight or price. With `how` search or page the
    number of the product that was found, GTIN-8 to GTIN-14."""
    symbology: str | None = Field(None, max_length=32, pattern="^[a-z0-9-]+$")
    """`ean13`, `upca`, `qr` …; leave it out where it is not known."""
    quantity: Whole = Field(1, ge=1, le=MAX_PIECES)
    how: Literal["camera", "digits", "search", "page"] = "camera"
    at: str = Field("", max_length=64)
    """The touchpoint whose code this phone scanned last, where it knows. Any other name counts for nothing."""
    request: RequestId
    """A UUID made by the caller: sent again, it puts the good in once."""


class ChangeLineRequest(_Body):
    """Has so many pieces of a line; 0 takes it out."""

    quantity: Whole = Field(ge=0, le=MAX_PIECES)
    request: RequestId


class ChooseOffersRequest(_Body):
    """What the shopper wants of offers and points. What is left out is left to the best price."""

    pins: list[Name] = Field([], max_length=20)
    """Coupons or campaigns to use in any case."""
    without: list[Name] = Field([], max_length=20)
    """Coupons or campaigns to keep for another time."""
    points: Whole = Field(0, ge=0, le=MAX_POINTS)
    """How many points to use at most."""
    paid_by: WayOfPaying = ""
    """The way of paying that the price is for, one of `/api/v1/payments/ways`: it is paid by that one."""


class CollectChoice(_Body):
    """How the shopper wants to get what is not on the shelf."""

    way: Collect


class HoldRequest(_Body):
    """Asks for the price to stand, to be paid."""

    seen: Annotated[int, Field(strict=True, ge=0, le=10**12), WHOLE] | None = None
    """The total that was shown: where it has risen since, it is refused with price_changed."""
    at: str = Field("", max_length=64)


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(route_class=DirectRoute, prefix="/api/v1/basket", tags=["basket"])
    _add_lines(routes, web)
    _add_choices(routes, web)
    _add_holding(routes, web)

    @routes.get("")
    @audience(SHOPPER)
    async def read(request: Request, response: Response) -> dict[str, Any]:
        """The basket with its price as it is now, offers and coupons applied, and what is missing to others."""
        response.headers["Cache-Control"] = "no-store"
        return await basket_answer(web, request)

    @routes.get("/suggestions")
    @audience(SHOPPER)
    async def suggested(request: Request, response: Response) -> list[dict[str, Any]]:
        """What goes with it, what the caller buys again, what is cheaper by the unit; each with its reason."""
        response.headers["Cache-Control"] = "no-store"
        caller = web.caller(request)
        found = await actions.current(web, caller)
        made = suggestions(web, found, caller.member if caller else None, web.language(request))
        return [msgspec.to_builtins(each) for each in made]

    @routes.delete("", status_code=204, responses=BOUNDED)
    @audience(SHOPPER)
    async def drop(request: Request) -> Response:
        """Empties it. Refused with basket_paying while a payment is under way."""
        caller = require_caller(web.caller(request))
        limits.take(web, request, "shopping", member=caller.member)
        await actions.drop(web, caller)
        return Response(status_code=204)

    return routes


def _add_choices(routes: APIRouter, web: Web) -> None:
    @routes.put("/choices", responses=BOUNDED)
    @audience(SHOPPER)
    async def choose(body: ChooseOffersRequest, request: Request) -> dict[str, Any]:
        """Notes which coupons to use or keep, how many points, and the way of paying; answers with the
        basket as it is then.
        """
        caller = require_caller(web.caller(request))
        limits.take(web, request, "shopping", member=caller.member)
        await actions.choose(web, caller, Choices(tuple(body.pins), tuple(body.without), body.points, body.paid_by))
        return await basket_answer(web, request)

    @routes.put("/collect", responses=BOUNDED)
    @audience(SHOPPER)
    async def collect(body: CollectChoice, request: Request) -> dict[str, Any]:
        """Notes how what is not on the shelf is wanted: brought to the collection point, put into a locker, or kept for
        another day; answers with the basket. Refused: basket_empty, locker_unknown.
        """
        caller = require_caller(web.caller(request))
        limits.take(web, request, "shopping", member=caller.member)
        await actions.collect(web, caller, body.way)
        return await basket_answer(web, request)


def _add_lines(routes: APIRouter, web: Web) -> None:
    @routes.post("/lines", responses=BOUNDED)
    @audience(SHOPPER)
    async def add(body: AddLineRequest, request: Request, response: Response) -> dict[str, Any]:
        """Puts a good in and answers with the basket. The same good once more is one more piece of its line; each
        weighed bag is a line of its own. Refused: product_unknown, no_price, needs_weight, two_meanings, basket_full,
        basket_paying.
        """
        asked = checked_request(body.request)
        limits.take(web, request, "shopping", member=limits.member(web, request))
        if body.how in ("search", "page"):
            good = actions.good_of_product(web, body.code, how=body.how, at=actions.place(web, request, body.at))
        else:
            good = actions.good_of_code(web, request, body.code, body.symbology, how=body.how, at=body.at)
        caller, fresh = await actions.caller_or_guest(web, request, asked, body.at)
        put = await actions.add(web, caller, good, body.quantity, asked)
        actions.let_in(web, request, response, caller, fresh)
        response.headers["Cache-Control"] = "no-store"
        # Where it was put in before, that may have been into a basket that is paid by now, or into somebody else's.
        found = await actions.current(web, caller) if put.already else basket_queries.now(web.reads, put.basket)
        told = msgspec.to_builtins(views.basket(web, found, web.language(request)))
        return {"line": put.line, "quantity": put.quantity, "already": put.already, "basket": told}

    @routes.put("/lines/{line}", responses=BOUNDED)
    @audience(SHOPPER)
    async def change(line: Line, body: ChangeLineRequest, request: Request) -> dict[str, Any]:
        """Has so many pieces of a line, and answers with the basket."""
        caller, asked = require_caller(web.caller(request)), checked_request(body.request)
        limits.take(web, request, "shopping", member=caller.member)
        await actions.change(web, caller, line, body.quantity, asked)
        return await basket_answer(web, request)

    @routes.delete("/lines/{line}", responses=BOUNDED)
    @audience(SHOPPER)
    async def remove(line: Line, request: Request) -> dict[str, Any]:
        """Takes a line out, and answers with the basket. What is out already is no mistake."""
        caller = require_caller(web.caller(request))
        limits.take(web, request, "shopping", member=caller.member)
        await actions.change(web, caller, line, 0, "")
        return await basket_answer(web, request)


def _add_holding(routes: APIRouter, web: Web) -> None:
    @routes.post("/hold", responses=BOUNDED)
    @audience(SHOPPER)
    async def hold(body: HoldRequest, request: Request) -> dict[str, Any]:
        """Lets the price stand for ten minutes, to be paid as it is. Refused: price_changed, with both totals;
        no_price; age_needs_staff, and staff is called.
        """
        caller = require_caller(web.caller(request))
        limits.take(web, request, "shopping", member=caller.member)
        at = actions.place(web, request, body.at)
        held = await actions.hold(web, caller, body.seen, at, last_touchpoint_id(web, request))
        return msgspec.to_builtins(held)  # type: ignore[no-any-return]

    @routes.post("/release", responses=BOUNDED)
    @audience(SHOPPER)
    async def release(request: Request) -> dict[str, bool]:
        """Lets go of what is held, to go on shopping."""
        caller = require_caller(web.caller(request))
        limits.take(web, request, "shopping", member=caller.member)
        return {"released": await actions.release(web, caller)}


async def basket_answer(web: Web, request: Request) -> dict[str, Any]:
    """The caller's basket as it is now."""
    found = await actions.current(web, web.caller(request))
    return msgspec.to_builtins(views.basket(web, found, web.language(request)))  # type: ignore[no-any-return]
