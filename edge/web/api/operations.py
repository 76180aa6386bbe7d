"""`/healthz`, `/readyz`, `/metrics`: for the machines that look after the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

if TYPE_CHECKING:
    from edge.web.front import Front
    from edge.web.metrics import Metrics


def router(front: Front, metrics: Metrics) -> APIRouter:
    """The routes of operations."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/healthz")
    async def health() -> dict[str, str]:
        """The process answers. Says nothing of its parts: a restart would not mend them."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readiness(response: Response) -> dict[str, Any]:
        """Whether shoppers can be served: journal writes, broker connected. The internet plays no part."""
        ready = front.gateway.ready()
        response.status_code = 200 if ready.ready else 503
        return {"ready": ready.ready, "journal": ready.journal, "broker": ready.broker}

    @routes.get("/metrics", include_in_schema=False)
    async def scrape() -> Response:
        """The Prometheus exposition."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes
