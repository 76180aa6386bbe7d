"""`/api/v1/screens/help`: whoever stands before a screen calls staff to it, and sees how the call stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from edge.domain.staff import calls
from edge.domain.staff import queries as staff_queries
from edge.web.audience import SCREEN, audience
from edge.web.document import BOUNDED, RequestId
from edge.web.request_ids import checked_request
from edge.web.screens import ScreenRequest, asking_screen

if TYPE_CHECKING:
    from edge.web.web import Web


class CallRequest(BaseModel):
    """Somebody is needed, or not any more."""

    model_config = ConfigDict(extra="forbid")

    request: RequestId
    """A UUID made by the screen: sent again, it calls once."""


def router(web: Web) -> APIRouter:
    """The routes of this topic."""
    routes = APIRouter(prefix="/api/v1/screens/help", tags=["screens"])

    @routes.get("")
    @audience(SCREEN)
    async def now(request: Request, response: Response) -> dict[str, str]:
        """How the call of this session stands (`state`: open, taken, over, or nothing), and the `name` of who comes."""
        response.headers["Cache-Control"] = "no-store"
        return _call_state(web, asking_screen(web, request))

    @routes.post("/call", responses=BOUNDED)
    @audience(SCREEN)
    async def call(body: CallRequest, request: Request) -> dict[str, str]:
        """Calls staff to the screen; a call that is open is joined. Refused with calls_enough."""
        asking = asking_screen(web, request)
        await web.decide(
            calls.call,
            zone=asking.zone,
            touchpoint=asking.screen if web.layout.touchpoint(asking.screen) else "",
            browser=_caller(asking),
            request=checked_request(body.request),
        )
        return _call_state(web, asking)

    @routes.post("/withdraw")
    @audience(SCREEN)
    async def withdraw(request: Request) -> dict[str, str]:
        """Nobody is needed any more."""
        asking = asking_screen(web, request)
        await web.decide(calls.withdraw, browser=_caller(asking))
        return _call_state(web, asking)

    return routes


def _caller(asking: ScreenRequest) -> str:
    """One session at one screen is one who calls, as one browser is."""
    return f"{asking.screen}/{asking.session}"


def _call_state(web: Web, asking: ScreenRequest) -> dict[str, str]:
    mine = staff_queries.call_of(web.reads, _caller(asking))
    return {"state": mine.state if mine else "", "name": mine.name if mine else ""}
