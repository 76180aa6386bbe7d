"""`/healthz`, `/readyz`, `/metrics`: for the machines that look after the gateway."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from edge.web.audience import ANYBODY, INSIDE, SCRAPER, audience
from edge.web.server.direct_route import DirectRoute
from edge.web.server.forwarding import is_nearby
from edge.web.server.turns import prompt

if TYPE_CHECKING:
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of operations."""
    routes = APIRouter(route_class=DirectRoute, tags=["operations"])

    @routes.get("/healthz")
    @audience(ANYBODY)
    @prompt
    async def health() -> dict[str, str]:
        """The process answers. Says nothing of its parts: a restart would not mend them."""
        return {"status": "ok"}

    @routes.get("/readyz", responses={503: {"model": dict[str, bool], "description": "Shoppers cannot be served"}})
    @audience(ANYBODY)
    @prompt
    async def readiness(request: Request, response: Response) -> dict[str, bool]:
        """Whether shoppers can be served; which part is not well is for those inside. The internet plays no part."""
        ready = web.ready()
        response.status_code = 200 if ready.ready else 503
        if not (is_nearby(request) or web.access.is_inside(request)):
            return {"ready": ready.ready}
        return {"ready": ready.ready, "journal": ready.journal, "broker": ready.broker}

    @routes.get("/openapi.json", include_in_schema=False)
    @audience(INSIDE)
    async def document(request: Request) -> dict[str, Any]:
        """The OpenAPI document of everything that is served here."""
        return dict(request.app.openapi())

    @routes.get("/metrics", include_in_schema=False)
    @audience(SCRAPER)
    async def scrape() -> Response:
        """The Prometheus exposition."""
        with suppress(OSError):  # the rest is worth more than nothing
            await web.box.look()
        return Response(web.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes
