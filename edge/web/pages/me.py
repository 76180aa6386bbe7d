"""`/me`: what is whose, where to read about it, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

if TYPE_CHECKING:
    from edge.web.front import Front


def router(front: Front) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/me")
    async def page(request: Request) -> Response:
        """Links to what a shopper has here; a stranger is told where to begin."""
        return front.page(request, "me.html", member=front.member(request), everywhere=False)

    @routes.post("/me/leave")
    async def leave(where: Annotated[str, Form(max_length=12)] = "here") -> Response:  # noqa: ARG001 - one way so far
        """This browser is nobody's from now on."""
        response = RedirectResponse("/me", 303)
        front.sessions.forget(response)
        return response

    return routes
