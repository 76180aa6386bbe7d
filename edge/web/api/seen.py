"""`/seen/{view}`: the page of a code tells that it is shown to somebody. Only that makes a scan a fact.

The page asks for it by script once it is visible, as an image where there is no script. Whatever fetches a page and
shows it to nobody is counted (`edge.gateway.page_counts`), and writes nothing.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from edge.errors import Refusal
from edge.gateway.page_counts import kind_of
from edge.web import limits
from edge.web.actions import shopping
from edge.web.audience import SHOPPER, audience
from edge.web.moments import now_ms

if TYPE_CHECKING:
    from edge.domain.touchpoints.codes import Touchpoint
    from edge.web.web import Web

DOT: Final = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
"""The smallest picture there is: one transparent dot."""


def fetched(web: Web, request: Request, touchpoint: Touchpoint) -> None:
    """The page of a code is on its way to whatever asked for it."""
    web.page_counts.note(touchpoint.id, kind_of(request.headers), now_ms())


def router(web: Web) -> APIRouter:
    """The route of the dot."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/seen/{view}")
    @audience(SHOPPER)
    async def seen(view: str, request: Request) -> Response:
        """A dot, whatever comes of it: there is nobody who would read a refusal."""
        with suppress(Refusal):
            await _note(web, request, view)
        return Response(DOT, 200, {"Cache-Control": "no-store"}, "image/gif")

    return routes


async def _note(web: Web, request: Request, view: str) -> None:
    browser, moment = web.browser(request), now_ms()
    if browser is None or kind_of(request.headers) in ("preview", "bot"):
        return
    touchpoint, made = web.codes.parse_view(view, browser, moment)
    limits.take(web, request, "scanning", touchpoint)
    web.page_counts.note(touchpoint.id, "person", moment)
    await shopping.record_scan(web, touchpoint, web.caller(request), browser, made)
