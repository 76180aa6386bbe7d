"""`/store`: the store page, for the people who look after the store. They find it at `/` too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from edge.web.audience import INSIDE, audience
from edge.web.page import Page
from edge.web.pages.store.floor import draw
from edge.web.views import offers as offer_views

if TYPE_CHECKING:
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The route of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/store")
    @audience(INSIDE)
    async def store(request: Request) -> HTMLResponse:
        """The floor plan with everything on it."""
        return store_page(web, request)

    return routes


def store_page(web: Web, request: Request) -> HTMLResponse:
    """The floor plan with everything on it; the script keeps it alive."""
    settings, layout = web.settings, web.layout
    language = web.language(request)
    return web.page(
        request,
        "store/store.html",
        floor=draw(layout, offer_views.offers(web, None, web.reads.now)),
        demo=settings.gateway.demo,
        cloud=settings.gateway.cloud.url if settings.gateway.cloud.url.startswith("http") else "",
        kiosks=[device for device in layout.devices if device.kind == "screen"],
        words=web.texts.section(language, "store") | web.texts.section(language, "number"),
        zones={zone.id: zone.name[language] for zone in layout.zones},
    )


PAGE: Final = Page[Any, Any]("store", routes=router, assets=("store.css", "store.js"))
