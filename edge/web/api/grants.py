"""`/api/v1/grants/{grant}`: how an unlock goes on, by polling or as a stream. Only its own member may look."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from edge.domain.members import queries as member_queries
from edge.errors import Refusal
from edge.web.audience import SHOPPER, audience
from edge.web.document import STREAM
from edge.web.server.direct_route import DirectRoute
from edge.web.server.event_streams import stream
from edge.web.server.turns import prompt
from edge.web.views.grants import follow as follow_grant
from edge.web.views.unlocks import UnlockProgress, unlock_view

if TYPE_CHECKING:
    from edge.domain.actuations import GrantProgress
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(route_class=DirectRoute, prefix="/api/v1/grants", tags=["grants"])

    @routes.get("/{grant}")
    @audience(SHOPPER)
    @prompt
    async def read(grant: str, request: Request) -> Response:
        """The whole progress now."""
        progress = unlock_view(web.texts, web.language(request), _own_grant(web, request, grant))
        return Response(msgspec.json.encode(progress), 200, {"Cache-Control": "no-store"}, "application/json")

    @routes.get("/{grant}/events", response_class=StreamingResponse, responses=STREAM)
    @audience(SHOPPER)
    async def follow(grant: str, request: Request) -> StreamingResponse:
        """The whole progress at each change, as server-sent events; it ends with the unlock, or with the session."""
        _own_grant(web, request, grant)
        language = web.language(request)

        def state() -> UnlockProgress | None:
            with suppress(Refusal):
                return unlock_view(web.texts, language, _own_grant(web, request, grant))
            return None

        return stream(follow_grant(web, state, grant))

    return routes


def _own_grant(web: Web, request: Request, grant: str) -> GrantProgress:
    progress = web.outcomes.progress(grant)
    # Somebody else's grant looks exactly like none: its id is not a key to anything.
    caller = web.caller(request)
    if progress is None or caller is None or not member_queries.related(web.reads, caller.member, progress.holder):
        raise Refusal("not_found")
    return progress
