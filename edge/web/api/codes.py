"""`/qr/{code}.svg`: a code's address as a QR picture."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import segno
from fastapi import APIRouter, Request
from starlette.responses import Response

if TYPE_CHECKING:
    from edge.web.front import Front


def router(front: Front) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(tags=["codes"])

    @routes.get("/qr/{code}.svg")
    async def picture(code: str, request: Request) -> Response:
        """The QR picture of one of our codes; other text is refused: nobody prints in our name."""
        front.touchpoint(code)
        out = io.BytesIO()
        # M survives the scratches of a cart's handle; four modules of quiet zone are the standard's.
        segno.make(f"{front.address(request)}/t/{code}", error="m", micro=False).save(
            out, kind="svg", border=4, dark="#14231c", light="#ffffff", xmldecl=False, svgns=True, omitsize=True
        )
        return Response(out.getvalue(), 200, {"Cache-Control": "private, max-age=60"}, "image/svg+xml")

    return routes
