"""What a device saw happen: one struct for each type of event, and the event that carries it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec

from device_drivers.contract.commands import DoorName
from device_drivers.contract.glass import Stood
from device_drivers.contract.values import MAX_SERIAL, Boot, Serial, Short, UpMs, Whole

Text = Annotated[str, msgspec.Meta(max_length=16_384)]
Hex = Annotated[str, msgspec.Meta(max_length=32_768, pattern="^([0-9a-fA-F]{2})*$")]
Confidence = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
MAX_STOOD: Final = 64
"""Intervals in one event."""


class EventData(msgspec.Struct, frozen=True, omit_defaults=True):
    """What every type of event has: its name. A device may report types that are not in the contract."""

    type: ClassVar[str] = ""


class Element(msgspec.Struct, frozen=True):
    """One element string of a GS1 code."""

    ai: Annotated[str, msgspec.Meta(max_length=8)]
    value: Annotated[str, msgspec.Meta(max_length=200)]


class Scanned(EventData, frozen=True, omit_defaults=True):
    """A code was held to a scanner or a camera."""

    type: ClassVar[str] = "scanned"
    text: Text | None = None
    symbology: Short | None = None
    """`ean13`, `qr`, …; none where the scanner does not say."""
    bytes: Hex | None = None
    """In hex, where the text is not all of it."""
    gs1: Annotated[tuple[Element, ...], msgspec.Meta(max_length=64)] | None = None
    """Element strings in their order, where it is a GS1 code."""
    known: bool | None = None
    """Whether the camera's own catalogue has it; none where it has no catalogue."""
    place: Annotated[tuple[tuple[Confidence, Confidence], ...], msgspec.Meta(max_length=16)] | None = None
    """Corners in the picture, 0 to 1."""
    frames: Annotated[int, msgspec.Meta(ge=0, le=MAX_SERIAL)] | None = None
    """How many pictures agreed on it."""
    first_seen_at: Short | None = None
    seen_at: Short | None = None
    sent_at: Short | None = None


class Undocked(EventData, frozen=True):
    """A cart left its dock."""

    type: ClassVar[str] = "undocked"


class Docked(EventData, frozen=True, omit_defaults=True):
    """A cart is back in a dock."""

    type: ClassVar[str] = "docked"
    dock: Short | None = None
    """Which one, where the cart can tell."""


class Forced(EventData, frozen=True):
    """A cart's hook opened, and nothing had told it to."""

    type: ClassVar[str] = "forced"


class DoorOpened(EventData, frozen=True):
    """A locker door opened after it was unlocked."""

    type: ClassVar[str] = "door_opened"
    door: DoorName


class DoorClosed(EventData, frozen=True):
    """A locker door was closed."""

    type: ClassVar[str] = "door_closed"
    door: DoorName


class DoorForced(EventData, frozen=True):
    """A locker door opened, and nothing had unlocked it."""

    type: ClassVar[str] = "door_forced"
    door: DoorName


class ZoneChanged(EventData, frozen=True, omit_defaults=False):
    """A cart is in another zone: by its own word, or by a listener for beacons that names the cart."""

    type: ClassVar[str] = "zone_changed"
    zone: Short | None = None
    """None for lost."""
    was: Short | None = None
    cart: Short | None = None
    """The cart it is about, where that is not the device itself."""
    rssi: Confidence | None = None
    """Strength in dBm."""


class Touched(EventData, frozen=True):
    """Somebody touched a screen."""

    type: ClassVar[str] = "touched"


class Displayed(EventData, frozen=True):
    """What stood on a screen's glass, whole intervals; each comes once, or again under its own name."""

    type: ClassVar[str] = "displayed"
    stood: Annotated[tuple[Stood, ...], msgspec.Meta(min_length=1, max_length=MAX_STOOD)]


class SessionEnded(EventData, frozen=True, omit_defaults=True):
    """Somebody is done at a screen. It says how it was used; who that was and what they did nobody is told."""

    type: ClassVar[str] = "session_ended"
    ms: Whole
    """From the first touch to the last one."""
    end: Literal["done", "idle", "left"]
    """They said so; nobody was there any more; touches went on that were no person's."""
    touches: Serial = 0
    """That led to something."""
    places: Annotated[dict[Short, Serial], msgspec.Meta(max_length=64)] = {}
    """How often each place was opened."""


EVENT_DATA: Final[dict[str, type[EventData]]] = {
    form.type: form
    for form in (
        Scanned, Undocked, Docked, Forced, DoorOpened, DoorClosed, DoorForced, ZoneChanged, Touched, Displayed,
        SessionEnded,
    )
}  # fmt: skip
"""The types of events that mean something to the gateway; it keeps every other one as it came."""
_DECODERS: Final = {name: msgspec.json.Decoder(form) for name, form in EVENT_DATA.items()}
_ANY: Final = msgspec.json.Decoder(dict[str, Any])


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something the device saw. `seq` starts at 1 for each boot and has no gaps; re-sent until acknowledged."""

    boot: Boot
    seq: Annotated[int, msgspec.Meta(ge=1, le=MAX_SERIAL)]
    at: Short
    type: Short
    data: Any
    """What is sent is the type's own struct (`EVENT_DATA`). What came is a plain object that fits it: a device may say
    more than the contract knows, and report types that it does not know.
    """
    up_ms: UpMs | None = None
    """Of this sending, also where it is sent again."""


class EventAsSent(msgspec.Struct, frozen=True):
    """An event whose data is not read yet: its form depends on its type."""

    boot: Boot
    seq: Annotated[int, msgspec.Meta(ge=1, le=MAX_SERIAL)]
    at: Short
    type: Short
    data: msgspec.Raw = msgspec.Raw(b"{}")
    up_ms: UpMs | None = None

    def understood(self) -> Event:
        """With its data. Raises `msgspec.DecodeError` where that is none of the type's."""
        if (decoder := _DECODERS.get(self.type)) is not None:
            decoder.decode(self.data)
        return Event(self.boot, self.seq, self.at, self.type, _ANY.decode(self.data), self.up_ms)


def event_data(event: Event) -> EventData | None:
    """What an event that came says, typed; None for a type that the contract does not know."""
    form = EVENT_DATA.get(event.type)
    return msgspec.convert(event.data, form) if form is not None else None


class Ack(msgspec.Struct, frozen=True):
    """Everything of `boot` up to and including `seq` is committed."""

    boot: Boot
    seq: Serial
