"""`/me`: what is whose, where to read about it, which phones are logged in, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from edge.domain.members import queries as member_queries
from edge.domain.members import sessions
from edge.web.audience import SHOPPER, audience
from edge.web.page import Page, Shown

if TYPE_CHECKING:
    from edge.domain.callers import Caller
    from edge.web.visit import Visit
    from edge.web.web import Web


def show(visit: Visit) -> Shown:
    """Links to what a shopper has here; a stranger is told where to begin."""
    return "me/me.html", {"phones": _phones(visit.web, visit.caller) if visit.caller else []}


def router(web: Web) -> APIRouter:
    """The way out."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/me/leave")
    @audience(SHOPPER)
    async def leave(request: Request, where: Annotated[str, Form(max_length=64)] = "here") -> Response:
        """Log out: here, everywhere, or the one other phone that is named."""
        caller, response = web.caller(request), RedirectResponse("/me", 303)
        if caller is not None and where == "everywhere":
            await web.decide(sessions.leave_everywhere, caller=caller)
        elif caller is not None and where != "here":
            await web.decide(sessions.end_session, caller=caller, session=where)
        elif caller is not None:
            await web.decide(sessions.leave, caller=caller)
        if caller is None or where in ("here", "everywhere", caller.session):
            web.cookies.forget(response)
        return response

    return routes


def _phones(web: Web, caller: Caller) -> list[dict[str, Any]]:
    """The other phones that act for this member."""
    rows = member_queries.sessions_of(web.reads, caller, web.reads.now)
    return [
        {"session": row.session, "agent": row.agent, "since": row.opened_ms}
        for row in rows
        if row.session != caller.session
    ]


PAGE: Final = Page[Any, Any]("me", path="/me", show=show, routes=router)
