"""`/api/v1/demo/screens`: the demo's kiosk, live, and touched with the mouse. The routes exist in a demo only.

The kiosk says in its own folder where its glass is to be had (`kiosk_ui.remote_glass`); a simulated screen has none.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.errors import Refusal
from edge.web.audience import INSIDE, audience

if TYPE_CHECKING:
    from pathlib import Path

    from edge.web.web import Web

PATIENCE_S: Final = 2.0
FRESH: Final = {"Cache-Control": "no-store"}


class Finger(BaseModel):
    """A finger on the glass: shares of its width and height, from the top left."""

    model_config = ConfigDict(extra="forbid")

    id: int = Field(default=0, ge=0, le=9)
    phase: Literal["down", "move", "up"]
    x: float = Field(ge=0, le=1, allow_inf_nan=False)
    y: float = Field(ge=0, le=1, allow_inf_nan=False)


class Touches(BaseModel):
    """In their order."""

    model_config = ConfigDict(extra="forbid")

    touches: list[Finger] = Field(max_length=256)


class GlassProxy:
    """The way to the glass of the demo's kiosks."""

    def __init__(self, screens: frozenset[str], devices: Path) -> None:
        self._screens = screens
        self._devices = devices

    async def ask(self, screen: str, method: str, path: str, body: bytes | None = None) -> tuple[int, str, bytes]:
        """Status, number and body of the kiosk's answer. Raises `Refusal` not_found where none draws here."""
        if screen not in self._screens:
            raise Refusal("not_found", device=screen)
        try:
            return await asyncio.to_thread(_ask, self._devices / screen / "glass.json", method, path, body)
        except (OSError, ValueError, http.client.HTTPException):
            raise Refusal("not_found", device=screen) from None


def router(web: Web) -> APIRouter:
    """The routes of the demo's glass."""
    routes = APIRouter(prefix="/api/v1/demo/screens", tags=["demo"])
    if not web.settings.gateway.demo:
        return routes
    screens = frozenset(device.id for device in web.layout.devices if device.kind == "screen")
    glass = GlassProxy(screens, web.settings.gateway.data / "devices")

    @routes.get("/{screen}/picture", responses={200: {"content": {"image/jpeg": {}}}})
    @audience(INSIDE)
    async def picture(screen: str, after: Annotated[int, Query(ge=0, le=10**14)] = 0) -> Response:
        """What its glass shows: newer than picture `after`, or after a moment the same again; 204 for none yet."""
        status, number, jpeg = await glass.ask(screen, "GET", f"/{after}")
        if status != HTTPStatus.OK:
            return Response(status_code=204, headers=FRESH)
        return Response(jpeg, 200, FRESH | {"X-Number": number}, "image/jpeg")

    @routes.post("/{screen}/touches", status_code=204)
    @audience(INSIDE)
    async def touch(screen: str, body: Touches) -> Response:
        """Touches it, as fingers on the glass would."""
        fingers = [[each.id, each.phase, each.x, each.y] for each in body.touches]
        status, *_ = await glass.ask(screen, "POST", "/", json.dumps(fingers).encode())
        if status != HTTPStatus.NO_CONTENT:
            raise Refusal("not_found", device=screen)
        return Response(status_code=204)

    return routes


def _ask(file: Path, method: str, path: str, body: bytes | None) -> tuple[int, str, bytes]:
    """Raises `OSError`, `ValueError` or `HTTPException` where no kiosk draws here."""
    where = json.loads(file.read_text("utf-8"))
    connection = http.client.HTTPConnection("127.0.0.1", int(where["port"]), timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {where['key']}"})
        answer = connection.getresponse()
        return answer.status, answer.getheader("X-Number", "0"), answer.read()
    finally:
        connection.close()
