"""`/api/v1/sessions`: the phones that act for a member; each can be logged out, this one at `/api/v1/session`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from edge.domain.members import queries as member_queries
from edge.domain.members import sessions
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience

if TYPE_CHECKING:
    from edge.web.web import Web


class SessionShown(BaseModel):
    """A phone that is logged in."""

    session: str
    """Names it; the cookie is something else."""
    agent: str
    """What kind of phone, such as `Android · Chrome`; empty where it did not say."""
    opened_ms: int
    """When it was let in, Unix milliseconds."""
    proven_ms: int | None
    """When the number was proven from it."""
    here: bool
    """Whether it is the one that asks."""


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1", tags=["sessions"])

    @routes.get("/sessions")
    @audience(SHOPPER)
    async def mine(request: Request, response: Response) -> list[SessionShown]:
        """The member's phones that are logged in, the newest first."""
        response.headers["Cache-Control"] = "no-store"
        caller = require_caller(web.caller(request))
        return [
            SessionShown(
                **{name: getattr(phone, name) for name in ("session", "agent", "opened_ms", "proven_ms")},
                here=phone.session == caller.session,
            )
            for phone in member_queries.sessions_of(web.reads, caller, web.reads.now)
        ]

    _add_leaving(routes, web)
    return routes


def _add_leaving(routes: APIRouter, web: Web) -> None:
    @routes.delete("/session", status_code=204)
    @audience(SHOPPER)
    async def leave(request: Request) -> Response:
        """Logs out here: the cookie is worth nothing any more, also where somebody kept a copy of it."""
        caller = web.caller(request)
        if caller is not None:
            await web.decide(sessions.leave, caller=caller)
        return _gone(web)

    @routes.delete("/sessions", status_code=204)
    @audience(SHOPPER)
    async def leave_everywhere(request: Request) -> Response:
        """Logs out here and on every other phone of the member."""
        await web.decide(sessions.leave_everywhere, caller=require_caller(web.caller(request)))
        return _gone(web)

    @routes.delete("/sessions/{session}", status_code=204)
    @audience(SHOPPER)
    async def send_away(session: str, request: Request) -> Response:
        """Logs one of the member's phones out; its member code dies with that."""
        caller = require_caller(web.caller(request))
        await web.decide(sessions.end_session, caller=caller, session=session)
        return _gone(web) if session == caller.session else Response(status_code=204)


def _gone(web: Web) -> Response:
    response = Response(status_code=204)
    web.cookies.forget(response)
    return response
