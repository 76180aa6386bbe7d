"""Devices as pages show them: what the tables know, and what was said since."""

from __future__ import annotations

import asyncio
import base64
import time
import uuid
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from device_drivers.contract import OnGlass, Outcome, Restart, Snapshot
from edge.bus import Bus, NoReply
from edge.domain.devices import queries
from edge.errors import BusDown
from edge.gateway.live import Live
from edge.journal import Reads
from signage.media import examined

SNAPSHOT_TTL_MS: Final = 3000


class DeviceView(msgspec.Struct, frozen=True):
    """A device as pages show it."""

    id: str
    kind: str
    zone: str
    at: tuple[float, float]
    label: dict[str, str]
    online: bool
    state: dict[str, Any]
    battery: float | None
    """Charge, 0 to 1."""
    last_seen: float | None
    """Seconds since its last message; none when it has not spoken since the gateway started."""


def device_views(reads: Reads, live: Mapping[str, Live]) -> list[DeviceView]:
    """Returns every device, with what it said last."""
    now = time.monotonic()
    views = []
    for device in sorted(queries.devices(reads), key=lambda device: device.id):
        said = live.get(device.id)
        state = msgspec.to_builtins(said.state) if said and said.state else device.state
        views.append(
            DeviceView(
                id=device.id,
                kind=device.kind,
                zone=device.zone,
                at=device.at,
                label=device.label,
                online=device.online,
                state=state,
                battery=state.get("battery"),
                last_seen=now - said.heard if said and said.heard else None,
            )
        )
    return views


class DevicePicture(msgspec.Struct, frozen=True):
    """What a screen or a camera answered when it was asked for its picture."""

    png: bytes
    shown: OnGlass | None = None
    """What of a playlist the screen says it shows."""


async def screen_picture(bus: Bus, device: str) -> DevicePicture | None:
    """Returns a screen's picture; none where it has none to give now."""
    try:
        reply = await bus.call(device, Snapshot(), id=str(uuid.uuid4()), fence=bus.fence(), ttl_ms=SNAPSHOT_TTL_MS)
    except (BusDown, NoReply):
        return None
    picture = reply.observed.png
    if reply.outcome is not Outcome.DONE or picture is None:
        return None
    try:
        png = base64.b64decode(picture, validate=True)
        found = await asyncio.to_thread(examined, png)
    except ValueError:  # what is cut off, damaged, or unpacks to more than a browser should hold, is none
        return None
    return DevicePicture(png, reply.observed.shown) if found.type == "image/png" else None


async def restart(bus: Bus, device: str) -> bool:
    """Tell a device to start anew. Returns whether it said that it would."""
    try:
        reply = await bus.call(device, Restart(), id=str(uuid.uuid4()), fence=bus.fence(), ttl_ms=SNAPSHOT_TTL_MS)
    except (BusDown, NoReply):
        return False
    return reply.outcome is Outcome.DONE
