"""What whoever looks after the box must know to say whether its store is well."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import msgspec

from edge.domain.devices.queries import presences
from edge.web.moments import now_ms

if TYPE_CHECKING:
    from edge.web.web import Web


class DevicePresence(msgspec.Struct, frozen=True):
    """Whether a device is here."""

    id: str
    online: bool
    boot: str
    firmware: str
    changed_ms: int
    heard: bool
    """Whether it has said anything to this process."""


class CloudQueue(msgspec.Struct, frozen=True):
    """How far the cloud is."""

    last: int
    acked: int
    state: str


class BoxState(msgspec.Struct, frozen=True):
    """The gateway's process, and what it sees."""

    instance: str
    """Another one after each start."""
    version: str
    settings: str
    """SHA-256 of the files of settings that it works by."""
    now_ms: int
    journal: bool
    broker: bool
    devices: tuple[DevicePresence, ...]
    queue: CloudQueue


def box_state(web: Web, instance: str) -> BoxState:
    """The state now."""
    ready, queue = web.ready(), web.queue()
    heard = {view.id for view in web.devices() if view.last_seen is not None}
    return BoxState(
        instance=instance,
        version=importlib.metadata.version("storekeeper"),
        settings=web.content.settings,
        now_ms=now_ms(),
        journal=ready.journal,
        broker=ready.broker,
        devices=tuple(
            DevicePresence(each.id, each.online, each.boot, each.firmware, each.changed_ms, each.id in heard)
            for each in presences(web.reads)
        ),
        queue=CloudQueue(queue.last, queue.acked, queue.state),
    )
