"""`/`: the store page for the people who look after the store, and a plain welcome for everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from edge.web import reading
from edge.web.audience import ANYBODY, audience
from edge.web.front import now_ms
from edge.web.language import chosen
from edge.web.pages.floor import draw

if TYPE_CHECKING:
    from edge.web.front import Front
    from edge.web.staff.door import Door


def router(front: Front, door: Door) -> APIRouter:
    """The route of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    @audience(ANYBODY)
    async def store(request: Request) -> HTMLResponse:
        """The floor plan with everything on it; the script keeps it alive."""
        if not (request.app.state.within and door.is_inside(request)):
            return front.page(request, "welcome.html")
        settings = front.gateway.settings
        language = chosen(request)
        return front.page(
            request,
            "store.html",
            floor=draw(settings, reading.offers(front.gateway, None, now_ms())),
            demo=settings.gateway.demo,
            cloud=settings.gateway.cloud.url if settings.gateway.cloud.url.startswith("http") else "",
            kiosks=[device for device in settings.devices if device.kind == "screen"],
            words=front.texts.section(language, "store"),
            zones={zone.id: zone.name[language] for zone in settings.zones},
        )

    return routes
