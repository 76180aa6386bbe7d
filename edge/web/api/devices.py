"""`/api/v1/devices`: the devices' states, and the picture that a screen shows now."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from edge.errors import Refusal
from edge.web.audience import INSIDE, audience

if TYPE_CHECKING:
    from edge.web.web import Web

FRESH_SECONDS: Final = 1.0
"""Pages that ask for a picture within this time share one: taking it costs the screen a frame."""


class Pictures:
    """The last picture of each screen."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._kept: dict[str, tuple[float, bytes | None]] = {}
        self._turn: dict[str, asyncio.Lock] = {}

    async def of(self, device: str) -> bytes | None:
        """A picture no older than a second; none when the screen does not answer."""
        async with self._turn.setdefault(device, asyncio.Lock()):
            moment, picture = self._kept.get(device, (-FRESH_SECONDS, None))
            if time.monotonic() - moment >= FRESH_SECONDS:
                picture = await self._web.snapshot(device)
                self._kept[device] = (time.monotonic(), picture)
            return picture


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1/devices", tags=["devices"])
    pictures = Pictures(web)

    @routes.get("")
    @audience(INSIDE)
    async def read() -> list[dict[str, Any]]:
        """Every device with what it observes."""
        return [msgspec.to_builtins(device) for device in web.devices()]

    @routes.get("/{device}/snapshot", responses={200: {"content": {"image/png": {}}}})
    @audience(INSIDE)
    async def snapshot(device: str) -> Response:
        """What a screen shows now, as PNG; 204 when it has no picture to give."""
        if not any(view.id == device and view.kind == "screen" for view in web.devices()):
            raise Refusal("not_found", device=device)
        picture = await pictures.of(device)
        headers = {"Cache-Control": "no-store"}
        if picture is None:
            return Response(status_code=204, headers=headers)
        return Response(picture, 200, headers, "image/png")

    return routes
