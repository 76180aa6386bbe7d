"""What the staff page shows: a need, a printer, a slip, an act, each as it is drawn."""

from __future__ import annotations

import msgspec

from edge.web.pages.staff.parcels import ActOutcome, ParcelRow
from edge.web.pages.staff.reasons import Help


class ActView(msgspec.Struct, frozen=True):
    """Something that staff did."""

    id: str
    name: str
    sentence: str
    reason: str
    at_ms: int
    target: str
    outcome: ActOutcome


class NeedCard(msgspec.Struct, frozen=True):
    """One need as it is drawn."""

    id: str
    urgency: int
    icon: str
    title: str
    sentence: str
    since_ms: int
    action: str | None
    target: str
    shown: str
    """The ride or the parcel that it is about, where the target is a cart or a door."""
    verdicts: tuple[str, ...]
    """Where the person decides between several things, which."""
    reasoned: bool
    helps: tuple[Help, ...]
    """What helps, each with one tap; then there is nothing else to choose."""
    act: ActView | None
    preview: str | None


class PrinterView(msgspec.Struct, frozen=True):
    """A printer and how it is."""

    id: str
    label: str
    tone: str
    word: str
    waiting: int
    out: bool


class SlipView(msgspec.Struct, frozen=True):
    """A slip and where it stands."""

    target: str
    job: str
    kind: str
    printer: str
    tone: str
    word: str
    at_ms: int
    ended: bool
    waiting: bool
    preview: str


class SelectOption(msgspec.Struct, frozen=True):
    """Something to choose: a device or a door."""

    id: str
    label: str
    word: str = ""
    shown: str = ""
    """Of a cart: the ride that it is on."""


class StaffState(msgspec.Struct, frozen=True):
    """The page, whole."""

    broker_ok: bool
    cards: list[NeedCard]
    printers: list[PrinterView]
    slips: list[SlipView]
    acts: list[ActView]
    carts: list[SelectOption]
    parcels: list[ParcelRow]
