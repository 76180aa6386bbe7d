"""`/offline` and `/sw.js`: by https a phone keeps one page of ours, and shows it where the store cannot be reached.

Nothing else is kept: pages hold what is somebody's own, and go stale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from edge.web.assets import MEDIA_TYPES, WORKER_POLICY
from edge.web.audience import ANYBODY, audience
from edge.web.page import Page

if TYPE_CHECKING:
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/offline")
    @audience(ANYBODY)
    async def offline(request: Request) -> HTMLResponse:
        """What is so, in each language of the store: which one its reader wants cannot be asked later."""
        spoken = web.layout.store.languages
        said = [(each, web.texts.say(each, "shopper.off"), web.texts.say(each, "shopper.off_do")) for each in spoken]
        again = {each: web.texts.say(each, "shopper.again") for each in spoken}
        return web.page(request, "offline/offline.html", said=said, again=again)

    @routes.get("/sw.js")
    @audience(ANYBODY)
    async def worker() -> Response:
        """The script that keeps it."""
        body = web.templates.get_template("offline/sw.js").render()
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": WORKER_POLICY}
        return Response(body, 200, headers, MEDIA_TYPES[".js"])

    return routes


PAGE: Final = Page[Any, Any]("offline", routes=router)
