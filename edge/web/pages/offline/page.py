"""`/offline` and `/sw.js`: by https a phone keeps one page of ours, and shows it where the store cannot be reached.

It has what its owner needs without a network: the member's code, which the page makes by itself, and what opens their
doors. It is fetched anew as its owner goes from page to page, and thrown away before anybody logs out. No other page is
kept: they go stale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from edge.web.assets import MEDIA_TYPES, WORKER_POLICY
from edge.web.audience import ANYBODY, SHOPPER, audience
from edge.web.moments import time_of_day
from edge.web.page import Page
from edge.web.pages.member_code.page import code_of
from edge.web.views import offers as offer_views
from edge.web.views import parcels as parcel_views

if TYPE_CHECKING:
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/offline")
    @audience(SHOPPER)
    async def offline(request: Request) -> HTMLResponse:
        """What is so, what works all the same, and what has to wait."""
        caller, now = web.caller(request), web.reads.now
        member = caller.member if caller else None
        kept = parcel_views.parcels(web, member, now) if member else []
        language = web.language(request)
        return web.page(
            request,
            "offline/offline.html",
            member=member,
            code=await code_of(web, caller) if caller else None,
            parcels=[each for each in kept if each.held],
            banks=parcel_views.bank_names(web, language, kept),
            coupons=offer_views.usable(web, member, now) if member else 0,
            at=time_of_day(now, web.layout.store.zone),
        )

    @routes.get("/sw.js")
    @audience(ANYBODY)
    async def worker() -> Response:
        """The script that keeps it."""
        body = web.templates.get_template("offline/sw.js").render()
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": WORKER_POLICY}
        return Response(body, 200, headers, MEDIA_TYPES[".js"])

    return routes


PAGE: Final = Page[Any, Any]("offline", routes=router)
