"""What a device is and observes now: presence and state, and the end of a command."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec

from device_drivers.contract.glass import Glass, OnGlass
from device_drivers.contract.values import Boot, Serial, Short, UpMs


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """Presence, retained. The last will is `{"online": false}`."""

    online: bool
    boot: Boot | None = None
    kind: Short | None = None
    contract: Serial | None = None
    firmware: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    capabilities: Annotated[tuple[Short, ...], msgspec.Meta(max_length=64)] = ()
    """Verbs, and `up_ms` for a device that knows contract 1.1."""
    up_ms: UpMs | None = None


UP_MS: Final = "up_ms"
"""The capability of contract 1.1."""
OFFLINE: Final = b'{"online":false}'
"""The body of every device's last will."""

LockState = Literal["locked", "unlocked", "jammed", "unknown"]
DoorState = Literal["open", "closed", "unknown"]
PaperState = Literal["ok", "low", "out", "unknown"]
Ratio = Annotated[float, msgspec.Meta(ge=0, le=1)]
Figure = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


MAX_DOORS: Final = 512


class Door(msgspec.Struct, frozen=True, omit_defaults=True):
    """One door of a locker bank."""

    lock: LockState = "unknown"
    door: DoorState = "unknown"
    occupied: bool | None = None
    lit: bool | None = None
    """Whether its light is on; none where it has none."""


class Camera(msgspec.Struct, frozen=True, omit_defaults=True):
    """How well a camera sees. Published when it changes and every half minute, not at every picture."""

    frames_s: Figure | None = None
    """Pictures a second."""
    decode_ms: Figure | None = None
    """CPU time a picture, smoothed."""
    brightness: Ratio | None = None
    """0 to 1."""
    sharpness: Ratio | None = None
    """0 to 1: how much neighbouring pixels differ where they differ most."""
    trouble: Literal["covered", "dark", "blurred"] | None = None
    frame_at: Short = ""
    """When the newest picture came, as of this message."""


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a device observes now, retained. Carts, locker banks, printers and cameras fill their own fields."""

    boot: Boot = ""
    at: Short = ""
    lock: LockState | None = None
    docked: bool | None = None
    battery: Ratio | None = None
    """Charge, 0 to 1."""
    doors: Annotated[dict[str, Door], msgspec.Meta(max_length=MAX_DOORS)] | None = None
    paper: PaperState | None = None
    cover: Short | None = None
    online: bool | None = None
    camera: Camera | None = None
    glass: Glass | None = None
    up_ms: UpMs | None = None


class Outcome(StrEnum):
    """How a command ended, in the device's words. `done` means actuated, not observed."""

    DONE = "done"
    ALREADY = "already"
    REFUSED = "refused"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a command did not succeed: a closed list."""

    JAMMED = "jammed"
    NO_RESPONSE = "no_response"
    PORT_LOST = "port_lost"
    BAD_DOOR = "bad_door"
    BUSY = "busy"
    NOT_DOCKED = "not_docked"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    NO_EXPIRY = "no_expiry"
    STALE_FENCE = "stale_fence"
    BAD_ARGS = "bad_args"
    INTERNAL = "internal"


MAX_PICTURE: Final = 48 * 1024
"""Bytes of base64 that a snapshot may have."""


class Observed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was seen while a command was carried out; each kind of device fills its own fields."""

    lock: LockState | None = None
    docked: bool | None = None
    door: DoorState | None = None
    occupied: bool | None = None
    pulsed: bool | None = None
    """Whether the lock got its pulse."""
    paper: PaperState | None = None
    cover: Short | None = None
    printed: Literal["yes", "no", "unknown"] | None = None
    """What became of a slip."""
    error: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    """For whoever repairs it."""
    boards: dict[str, bool] | None = None
    """Which lock boards answer."""
    png: Annotated[str, msgspec.Meta(max_length=MAX_PICTURE)] | None = None
    """A picture in base64."""
    url: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    """Where the picture is to be had."""
    shown: OnGlass | None = None
    """What of a playlist stands in the picture."""


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The end of a command, and its acknowledgement."""

    id: Annotated[str, msgspec.Meta(max_length=64)]
    outcome: Outcome
    reason: Reason | None = None
    observed: Observed = Observed()
    repeated: bool = False
    up_ms: UpMs | None = None
