"""`/api/v1/screens/basket`: what the session at a screen puts in, takes out, takes along and gets from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.domain.baskets.rules import MAX_PIECES, Collect
from edge.errors import Refusal
from edge.web.actions import at_screen
from edge.web.audience import SCREEN, audience
from edge.web.document import RequestId, Whole
from edge.web.request_ids import checked_request
from edge.web.screens import asking_screen
from edge.web.views import screen_basket as views

if TYPE_CHECKING:
    from edge.web.screens import ScreenRequest
    from edge.web.web import Web

Line = Annotated[str, Path(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScreenAddRequest(_Body):
    """Puts a product in."""

    gtin: str = Field(pattern=r"^\d{8,14}$")
    quantity: Whole = Field(1, ge=1, le=MAX_PIECES)
    how: Literal["page", "search", "digits", "scanner"] = "page"
    request: RequestId
    """A UUID: sent again, it is put in once."""


class ScreenChangeRequest(_Body):
    """Has so many pieces of a line; 0 takes it out."""

    quantity: Whole = Field(ge=0, le=MAX_PIECES)
    request: RequestId


class ScreenCollectChoice(_Body):
    """How what is not on the shelf is wanted."""

    way: Collect


class ScreenTakeRequest(_Body):
    """Has a basket come here that a phone or another screen gave digits for."""

    digits: str = Field(min_length=1, max_length=12)


def router(web: Web) -> APIRouter:
    """The routes of a screen's basket."""
    routes = APIRouter(prefix="/api/v1/screens/basket", tags=["screens"])
    _add_lines(routes, web)
    _add_handover(routes, web)

    @routes.get("")
    @audience(SCREEN)
    async def read(request: Request, response: Response) -> dict[str, Any]:
        """The basket of this session with its price as it is now, and every sentence in the language on the glass."""
        response.headers["Cache-Control"] = "no-store"
        return await _basket_answer(web, asking_screen(web, request))

    @routes.post("/drop")
    @audience(SCREEN)
    async def drop(request: Request) -> dict[str, Any]:
        """Empties it. Refused with basket_paying."""
        asking = asking_screen(web, request)
        await at_screen.drop(web, asking)
        return await _basket_answer(web, asking)

    @routes.post("/collect")
    @audience(SCREEN)
    async def collect(body: ScreenCollectChoice, request: Request) -> dict[str, Any]:
        """Notes how what is not on the shelf is wanted. Refused: basket_empty, locker_unknown; not_registered for a
        locker where no phone would get its code.
        """
        asking = asking_screen(web, request)
        await at_screen.collect(web, asking, body.way)
        return await _basket_answer(web, asking)

    return routes


def _add_lines(routes: APIRouter, web: Web) -> None:
    @routes.post("/lines")
    @audience(SCREEN)
    async def add(body: ScreenAddRequest, request: Request) -> dict[str, Any]:
        """Puts a product in. Refused: product_unknown, no_price, needs_weight, basket_full, basket_paying."""
        asking = asking_screen(web, request)
        await at_screen.add(web, asking, body.gtin, body.quantity, checked_request(body.request), body.how)
        return await _basket_answer(web, asking)

    @routes.post("/lines/{line}")
    @audience(SCREEN)
    async def change(line: Line, body: ScreenChangeRequest, request: Request) -> dict[str, Any]:
        """Has so many pieces of a line. What is out already is no mistake."""
        asking = asking_screen(web, request)
        await at_screen.change(web, asking, line, body.quantity, checked_request(body.request))
        return await _basket_answer(web, asking)


def _add_handover(routes: APIRouter, web: Web) -> None:
    @routes.post("/code")
    @audience(SCREEN)
    async def code(request: Request) -> dict[str, Any]:
        """Lets a phone or a till take it with a code, for half an hour from now. An empty one has no code."""
        asking = asking_screen(web, request)
        try:
            await at_screen.give_code(web, asking)
        except Refusal as refusal:
            if refusal.code != "basket_empty":
                raise
        return await _basket_answer(web, asking)

    @routes.post("/take")
    @audience(SCREEN)
    async def take(body: ScreenTakeRequest, request: Request) -> dict[str, Any]:
        """Has a basket come here by its digits. Refused: basket_gone, basket_taken, too_many_wrong."""
        asking = asking_screen(web, request)
        await at_screen.take(web, asking, body.digits)
        return await _basket_answer(web, asking)


async def _basket_answer(web: Web, asking: ScreenRequest) -> dict[str, Any]:
    here = at_screen.visit(web, asking)
    found = await at_screen.current(web, here)
    return msgspec.to_builtins(views.basket_view(web, here, found, asking.language))  # type: ignore[no-any-return]
