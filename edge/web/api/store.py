"""`/api/v1/store`: the store's state, once or as a stream, and the codes of its touchpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from edge.errors import Refusal
from edge.web.audience import INSIDE, OPERATOR, audience
from edge.web.document import STREAM
from edge.web.moments import now_ms
from edge.web.server.event_streams import stream
from edge.web.views import offers as offer_views
from edge.web.views.glance import Glance

if TYPE_CHECKING:
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1", tags=["store"])
    glance = Glance(web)

    @routes.get("/store")
    @audience(INSIDE)
    async def read(request: Request) -> Response:
        """Devices, totals, the queue to the cloud and the newest facts."""
        state = glance.state(web.language(request))
        return Response(msgspec.json.encode(state), 200, {"Cache-Control": "no-store"}, "application/json")

    @routes.get("/store/events", response_class=StreamingResponse, responses=STREAM)
    @audience(INSIDE)
    async def follow(request: Request) -> StreamingResponse:
        """The same, as server-sent events, at most five a second; it ends with the login."""
        return stream(glance.follow(web.language(request), lambda: web.access.is_inside(request)))

    @routes.get("/touchpoints/{touchpoint}/code")
    @audience(OPERATOR)
    async def code(touchpoint: str, request: Request) -> dict[str, Any]:
        """The code of a touchpoint now. In a demo also those that its screen shows, for people without a phone."""
        found = web.layout.touchpoint(touchpoint)
        if found is None:
            raise Refusal("not_found", touchpoint=touchpoint)
        codes = web.codes
        moment = now_ms()
        shown = []
        # Outside a demo a code that proves presence must be seen on the screen itself.
        if found.purpose == "screen" and web.settings.gateway.demo:
            shown = [
                {"title": offer.look.title[web.language(request)], "code": codes.rotating(touchpoint, offer.id, moment)}
                for offer in offer_views.offers(web, None, web.reads.now, found.zone, touchpoint)
            ]
        return {"code": codes.static(touchpoint), "shown": shown}

    return routes
