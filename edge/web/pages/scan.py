"""`/scan`: the phone's own camera reads any code; without a camera, digits do. What it is, and the one next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from edge.web.guard import CAMERA_PAGE
from edge.web.language import chosen

if TYPE_CHECKING:
    from edge.web.front import Front


def router(front: Front) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(CAMERA_PAGE)
    async def scan(request: Request) -> HTMLResponse:
        """The viewfinder where the browser lends a camera, and the form for everybody."""
        return _page(front, request)

    return routes


def _page(front: Front, request: Request, status: int = 200, **values: Any) -> HTMLResponse:
    words = front.texts.section(chosen(request), "scan")
    return front.page(request, "scan.html", status, **{"words": words, "readings": [], **values})
