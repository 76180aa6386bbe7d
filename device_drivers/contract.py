"""The device contract, version 1: topics and messages that devices and the gateway exchange over MQTT 5.

Bytes are parsed here once, into frozen types; past this border nothing is checked again. The AsyncAPI document in
`docs/asyncapi.json` is generated from this file (`device_drivers.asyncapi`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, NewType

import msgspec

from device_drivers.outside import named, wordless

VERSION: Final = 1
MAX_BYTES: Final = 64 * 1024
"""The largest message body, in bytes. A larger one is malformed: counted and dropped."""

ID_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{1,38}$"
_ID = re.compile(ID_PATTERN)

StoreId = NewType("StoreId", str)
DeviceId = NewType("DeviceId", str)
Identifier = Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]


class ContractError(ValueError):
    """A message that breaks the contract: what was found, and what the contract expects."""


class Channel(StrEnum):
    """The last level of a topic."""

    STATUS = "status"
    STATE = "state"
    EVENT = "event"
    ACK = "ack"
    COMMAND = "command"
    REPLY = "reply"
    DESIRED = "desired"
    APPLIED = "applied"


RETAINED: Final = frozenset({Channel.STATUS, Channel.STATE, Channel.DESIRED, Channel.APPLIED})
AT_MOST_ONCE: Final = frozenset({Channel.COMMAND, Channel.REPLY})
FROM_DEVICE: Final = frozenset({Channel.STATUS, Channel.STATE, Channel.EVENT, Channel.REPLY, Channel.APPLIED})


def qos(channel: Channel) -> int:
    """Commands and replies go at QoS 0 (the reply is the acknowledgement), everything else at QoS 1."""
    return 0 if channel in AT_MOST_ONCE else 1


class Topic(msgspec.Struct, frozen=True):
    """`sk/{store}/{device}/{channel}`, parsed."""

    store: StoreId
    device: DeviceId
    channel: Channel

    def __str__(self) -> str:
        return f"sk/{self.store}/{self.device}/{self.channel}"

    @classmethod
    def parse(cls, text: str) -> Topic:
        """Raises `ContractError` where the text is no topic of the contract."""
        parts = text.split("/")
        if len(parts) != 4 or parts[0] != "sk":
            raise ContractError(f"topic of {named(text)}: expected sk/<store>/<device>/<channel>")
        store, device = parts[1], parts[2]
        for name, value in (("store", store), ("device", device)):
            if not _ID.match(value):
                raise ContractError(f"topic of {named(text)}: the {name} does not match {ID_PATTERN}")
        try:
            return cls(StoreId(store), DeviceId(device), Channel(parts[3]))
        except ValueError:
            raise ContractError(f"topic of {named(text)}: unknown channel at {device}") from None


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


class Verb(StrEnum):
    """What a device can be told to do; it names the ones it knows in `Status.capabilities`."""

    UNLOCK = "unlock"
    LOCK = "lock"
    FIND = "find"
    PRINT = "print"
    SHOW = "show"
    IDENTIFY = "identify"
    RESTART = "restart"
    SNAPSHOT = "snapshot"


class UnlockArgs(msgspec.Struct, frozen=True):
    """`door` names one door of a locker bank; a cart has none."""

    door: str | None = None


class FindArgs(msgspec.Struct, frozen=True):
    """How long to blink or beep, in seconds."""

    seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 10


class PrintArgs(msgspec.Struct, frozen=True):
    """A slip; the same job and revision comes out once."""

    job: str
    revision: int
    document: Any


class ShowArgs(msgspec.Struct, frozen=True):
    """The scene a screen should go to."""

    scene: str


class NoArgs(msgspec.Struct, frozen=True):
    """Nothing to say."""


ARGS: Final[dict[Verb, type[msgspec.Struct]]] = {
    Verb.UNLOCK: UnlockArgs,
    Verb.LOCK: UnlockArgs,
    Verb.FIND: FindArgs,
    Verb.PRINT: PrintArgs,
    Verb.SHOW: ShowArgs,
    Verb.IDENTIFY: NoArgs,
    Verb.RESTART: NoArgs,
    Verb.SNAPSHOT: NoArgs,
}
"""The shape of each verb's `args`. As everywhere in the contract, unknown fields are ignored."""


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """Presence, retained. The last will is `{"online": false}`."""

    online: bool
    boot: str | None = None
    kind: str | None = None
    contract: int | None = None
    firmware: str | None = None
    capabilities: tuple[str, ...] = ()


OFFLINE: Final = b'{"online":false}'
"""The body of every device's last will."""

LockState = Literal["locked", "unlocked", "jammed", "unknown"]
DoorState = Literal["open", "closed", "unknown"]
PaperState = Literal["ok", "low", "out", "unknown"]


class Door(msgspec.Struct, frozen=True, omit_defaults=True):
    """One door of a locker bank."""

    lock: LockState = "unknown"
    door: DoorState = "unknown"
    occupied: bool | None = None


class Camera(msgspec.Struct, frozen=True, omit_defaults=True):
    """How well a camera sees. Published when it changes and every half minute, not at every picture."""

    frames_s: float | None = None
    """Pictures a second."""
    decode_ms: float | None = None
    """CPU time a picture, smoothed."""
    brightness: float | None = None
    """0 to 1."""
    sharpness: float | None = None
    """0 to 1: how much neighbouring pixels differ where they differ most."""
    trouble: Literal["covered", "dark", "blurred"] | None = None
    frame_at: str = ""
    """When the newest picture came, as of this message."""


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a device observes now, retained. Carts, locker banks, printers and cameras fill their own fields."""

    boot: str = ""
    at: str = ""
    lock: LockState | None = None
    docked: bool | None = None
    battery: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    """Charge, 0 to 1."""
    doors: dict[str, Door] | None = None
    paper: PaperState | None = None
    cover: str | None = None
    online: bool | None = None
    camera: Camera | None = None


class Event(msgspec.Struct, frozen=True):
    """Something the device saw. `seq` starts at 1 for each boot and has no gaps; re-sent until acknowledged."""

    boot: str
    seq: Annotated[int, msgspec.Meta(ge=1)]
    at: str
    type: str
    data: dict[str, Any] = {}


class Ack(msgspec.Struct, frozen=True):
    """Everything of `boot` up to and including `seq` is committed."""

    boot: str
    seq: Annotated[int, msgspec.Meta(ge=0)]


class Command(msgspec.Struct, frozen=True):
    """An order that expires: `ttl_ms` is judged at the device, from its arrival."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    """UUID, canonical text; its 16 bytes are the MQTT correlation data."""
    verb: str
    args: dict[str, Any]
    fence: Annotated[int, msgspec.Meta(ge=0, le=2**62)]
    """Rises per device; a device refuses one lower than the highest it has seen."""
    ttl_ms: Annotated[int, msgspec.Meta(ge=0)]
    """Milliseconds from when it was first sent; 0 has expired on arrival."""
    issued_at: str = ""
    """For people reading a log; nothing is decided by it."""


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The end of a command, and its acknowledgement."""

    id: str
    outcome: Outcome
    reason: str | None = None
    observed: dict[str, Any] = {}
    repeated: bool = False


class Desired(msgspec.Struct, frozen=True):
    """What a device should show or how it should be set, retained."""

    revision: int
    sha256: str
    """Hex digest of `body` as it stands in the message."""
    body: msgspec.Raw


class Applied(msgspec.Struct, frozen=True, omit_defaults=True):
    """The desired revision that the device took, or why it could not."""

    revision: int
    sha256: str | None = None
    error: str | None = None


BODIES: Final[dict[Channel, type[msgspec.Struct]]] = {
    Channel.STATUS: Status,
    Channel.STATE: State,
    Channel.EVENT: Event,
    Channel.ACK: Ack,
    Channel.COMMAND: Command,
    Channel.REPLY: Reply,
    Channel.DESIRED: Desired,
    Channel.APPLIED: Applied,
}
_DECODERS: Final = {channel: msgspec.json.Decoder(body) for channel, body in BODIES.items()}
_ENCODER: Final = msgspec.json.Encoder()


def decode(channel: Channel, payload: bytes) -> Any:
    """The body of a message as the struct of its channel. Raises `ContractError` with expectation and finding."""
    if len(payload) > MAX_BYTES:
        raise ContractError(f"{channel}: at most {MAX_BYTES} bytes, got {len(payload)}")
    try:
        return _DECODERS[channel].decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ContractError(f"{channel}: {wordless(error)}, in {named(payload)}") from None


def encode(body: msgspec.Struct) -> bytes:
    """Compact UTF-8 JSON."""
    return _ENCODER.encode(body)


def rfc3339(moment: datetime) -> str:
    """RFC 3339 UTC with milliseconds. Raises `ValueError` for a naive time."""
    if moment.tzinfo is None:
        raise ValueError(f"naive time {moment!r}: expected one with a time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
