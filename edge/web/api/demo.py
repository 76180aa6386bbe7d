"""`/api/v1/demo`: what a person at the store page may play with. The routes exist in a demo only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from edge.errors import Refusal
from edge.web.audience import INSIDE, audience
from edge.web.document import Switch

if TYPE_CHECKING:
    from pathlib import Path

    from edge.web.web import Web

ACTIONS: Final = {
    "cart": re.compile("return|jam|fix|drain"),
    "locker": re.compile(r"(?:open|close|fill|empty|jam|dark)-\d{1,3}|fix|mute"),
    "printer": re.compile("paper-out|paper-in"),
}
"""What the simulated devices of each kind understand."""


class InternetSwitch(BaseModel):
    """The switch between sync and cloud."""

    model_config = ConfigDict(extra="forbid")

    connected: Switch


def router(web: Web) -> APIRouter:
    """The routes of the demo."""
    routes = APIRouter(prefix="/api/v1/demo", tags=["demo"])
    if not web.settings.gateway.demo:
        return routes
    data: Path = web.settings.gateway.data
    kinds = {device.id: device.kind for device in web.layout.devices}

    @routes.post("/internet")
    @audience(INSIDE)
    async def internet(body: InternetSwitch) -> InternetSwitch:
        """Cuts the store from the cloud, or connects it again; the demo's proxy watches the file."""
        cut = data / "internet-cut"
        if body.connected:
            cut.unlink(missing_ok=True)
        else:
            cut.touch()
        return body

    @routes.post("/devices/{device}/{action}", status_code=202)
    @audience(INSIDE)
    async def act(device: str, action: str) -> Response:
        """Lets something happen to a simulated device; it takes the file within 0.2 s."""
        known = ACTIONS.get(kinds.get(device, ""))
        if known is None or not known.fullmatch(action):
            raise Refusal("not_found", device=device, action=action)
        world = data / "devices" / device / "world"
        world.mkdir(parents=True, exist_ok=True)
        (world / action).touch()
        return Response(status_code=202)

    return routes
