"""`/api/v1/screens/mine`: a member's things, for the session in which their code was shown, for 45 s at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Request, Response

from device_drivers.contract.answers.member import ScreenMember
from edge.web.actions import at_screen
from edge.web.audience import SCREEN, audience
from edge.web.screens import asking_screen
from edge.web.views import screen_member as views

if TYPE_CHECKING:
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of a member's things on a screen."""
    routes = APIRouter(prefix="/api/v1/screens/mine", tags=["screens"])

    @routes.get("")
    @audience(SCREEN)
    async def read(request: Request, response: Response) -> dict[str, Any]:
        """What is theirs, and `left_s`; that alone, and 0, where no member's code was shown in this session, or its
        time is over. Asking does not make it last longer.
        """
        response.headers["Cache-Control"] = "no-store"
        asking = asking_screen(web, request)
        here = at_screen.visit(web, asking)
        left = web.visits.member_left_s(here)
        found = views.member_view(web, here.member, asking.language, left) if left else ScreenMember()
        return msgspec.to_builtins(found)  # type: ignore[no-any-return]

    @routes.post("/stay")
    @audience(SCREEN)
    async def stay(request: Request) -> dict[str, float]:
        """Somebody touched the screen: their things stay open for another 45 s."""
        return {"left_s": web.visits.member_left_s(at_screen.visit(web, asking_screen(web, request), touched=True))}

    @routes.post("/end", status_code=204)
    @audience(SCREEN)
    async def end(request: Request) -> Response:
        """Closes them."""
        asking = asking_screen(web, request)
        web.visits.close_member(asking.screen, asking.session)
        return Response(status_code=204)

    return routes
