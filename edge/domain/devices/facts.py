"""What happens to devices: every fact."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from edge.journal.entry import Fact
from words.languages import Words


class DeviceEnrolled(Fact, frozen=True, tag="device.enrolled.v1"):
    """A device belongs to the store, at this place."""

    device: str
    kind: str
    zone: str
    label: Words
    at: tuple[float, float]
    """Place on the floor plan, in metres from the top left."""
    attached_to: str | None = msgspec.field(default=None, name="beside")
    """The locker bank that it belongs to: a screen or a scanner at its side."""


class DeviceRetired(Fact, frozen=True, tag="device.retired.v1"):
    """A device belongs to the store no more."""

    device: str


class DeviceCameOnline(Fact, frozen=True, tag="device.came_online.v1"):
    """A device is connected to the broker."""

    device: str
    boot: str
    firmware: str = ""


class DeviceWentOffline(Fact, frozen=True, tag="device.went_offline.v1"):
    """The broker lost a device."""

    device: str


class DeviceSeen(Fact, frozen=True, tag="device.seen.v1"):
    """A device observes something new of itself: a door, the paper."""

    device: str
    state: dict[str, Any]


class DeviceReported(Fact, frozen=True, tag="device.reported.v1"):
    """A device saw something happen. Taken once for each (device, boot, seq)."""

    device: str
    boot: str
    seq: int
    at: str
    event: str
    data: dict[str, Any]
    missed: int = 0
    """How many numbers before this one never came, though the device was asked for them."""


class DeviceEventRejected(Fact, frozen=True, tag="device.event_rejected.v1"):
    """An event of which no more than its number could be read. Taken, so that it does not come for ever."""

    device: str
    boot: str
    seq: int
    length: int
    """Bytes of the message."""
    sha256: str
    missed: int = 0
    """As in `DeviceReported`."""


What = Literal["presence", "state"]


class DeviceFlapping(Fact, frozen=True, tag="device.flapping.v1"):
    """A device keeps reconnecting (`presence`), or what it observes keeps changing to and fro (`state`)."""

    device: str
    what: What
    count: int
    """How many times since then, this episode's earlier facts included."""
    since_ms: int


class DeviceSteady(Fact, frozen=True, tag="device.steady.v1"):
    """It has stopped doing so."""

    device: str
    what: What
    count: int


class DeviceTakenOut(Fact, frozen=True, tag="device.taken_out.v1"):
    """A device is out of order: nothing is asked of it."""

    device: str
    reason: str
    by: str


class DevicePutBack(Fact, frozen=True, tag="device.put_back.v1"):
    """A device is in use again."""

    device: str
    by: str
