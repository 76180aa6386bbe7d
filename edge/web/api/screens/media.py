"""`/api/v1/screens/media`: the pictures and films of the playlists, by the hash of their bytes; and playlists that no
message holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import FileResponse, Response

from edge.errors import Refusal
from edge.web.audience import SCREEN, audience
from edge.web.screens import asking_screen

if TYPE_CHECKING:
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The route of a file."""
    routes = APIRouter(prefix="/api/v1/screens/media", tags=["screens"])

    @routes.get("/{sha256}")
    @audience(SCREEN)
    async def read(sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")], request: Request) -> Response:
        """The bytes that have this hash. Raises `Refusal` content_unknown where this box has none."""
        asking_screen(web, request)
        repertoire = web.playlists.repertoire(sha256)
        if repertoire is not None:
            return Response(repertoire, media_type="application/json")
        path = web.media.path(sha256)
        if path is None:
            raise Refusal("content_unknown", content=sha256)
        forever = {"Cache-Control": "private, max-age=31536000, immutable", "ETag": f'"{sha256}"'}
        return FileResponse(path, headers=forever, media_type=web.media.type_of(sha256))

    return routes
