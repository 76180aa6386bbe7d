"""What happens at the locker banks: every fact. `tables` says how each changes the tables."""

from __future__ import annotations

from typing import Literal

from edge.domain.endings import Hop
from edge.domain.lockers.rules import Rules, Size, Why
from edge.journal.entry import Fact


class LockerRulesSet(Fact, frozen=True, tag="locker.rules_set.v1"):
    """The store's agreement about parcels is this from now on."""

    rules: Rules


class LockerDoorAdded(Fact, frozen=True, tag="locker.door_added.v1"):
    """A bank has this door, or it is different now."""

    bank: str
    door: str
    size: Size
    low: bool = False
    """Within reach of somebody who sits or is small."""


class LockerDoorRemoved(Fact, frozen=True, tag="locker.door_removed.v1"):
    """The bank has this door no more."""

    bank: str
    door: str


class ParcelBegun(Fact, frozen=True, tag="parcel.begun.v1"):
    """Somebody is given a door for a parcel. The parcel is named by this entry's id."""

    bank: str
    door: str
    size: Size
    member: str
    """Whose it is: who may collect it."""
    seed: str
    """Names its collect code; without the store's key it is worth nothing."""
    filler: str | None = None
    """Who puts it in, where that is not its owner: staff or a courier."""
    order: str | None = None
    """The order that is picked up, in the shop's words."""
    slip: str | None = None
    """The language in which its code is wanted on paper too; none where the phone is enough."""
    adviser: str | None = None
    """The member of staff who sold what is picked up."""


class ParcelMoved(Fact, frozen=True, tag="parcel.moved.v1"):
    """A parcel's state changed, as the transition table says."""

    parcel: str
    bank: str
    door: str
    event: str
    state: str
    member: str
    due_ms: int | None = None
    """Until when it is kept as agreed; set when it is kept for the first time."""


class ParcelReminderDue(Fact, frozen=True, tag="parcel.reminder_due.v1"):
    """Its owner is to be reminded of the parcel."""

    parcel: str
    bank: str
    door: str
    member: str
    number: int
    due_ms: int
    fee: int = 0


class ParcelFeeDue(Fact, frozen=True, tag="parcel.fee_due.v1"):
    """A parcel was collected or cleared late: this is owed, in the currency's smallest unit. No money moves here."""

    parcel: str
    member: str
    amount: int


class ParcelShared(Fact, frozen=True, tag="parcel.shared.v1"):
    """The owner made a second code, for somebody else."""

    parcel: str
    member: str
    seed: str


class ParcelShareEnded(Fact, frozen=True, tag="parcel.share_ended.v1"):
    """The shared codes of the parcel are good no more."""

    parcel: str
    member: str


class LockerOpenGranted(Fact, frozen=True, tag="locker.open_granted.v1"):
    """A door may be opened, once, before the order expires."""

    bank: str
    door: str
    why: Why
    by: Literal["owner", "code", "shared_code", "filler", "staff"]
    request: str
    fence: int
    parcel: str | None = None
    member: str | None = None
    """Who asked, where the store knows."""
    staff: str | None = None
    reason: str | None = None
    """Why staff opened it, in their words."""


class LockerOpened(Fact, frozen=True, tag="locker.opened.v1"):
    """An order to open ended well: by the device's word, or by what its sensor showed."""

    grant: str
    bank: str
    door: str
    outcome: Literal["done", "already", "observed"]


class LockerOpenFailed(Fact, frozen=True, tag="locker.open_failed.v1"):
    """The bank answered that it could not, or it could not be asked."""

    grant: str
    bank: str
    door: str
    hop: Hop
    reason: str


class LockerOpenLapsed(Fact, frozen=True, tag="locker.open_lapsed.v1"):
    """The order ended without an answer; it will never be carried out."""

    grant: str
    bank: str
    door: str
    hop: Hop
    reason: str


class LockerSeen(Fact, frozen=True, tag="locker.seen.v1"):
    """A door's sensors show something new."""

    bank: str
    door: str
    lock: str
    shut: Literal["open", "closed", "unknown"]
    occupied: bool | None = None
    unasked: bool = False
    """It opened, and no order explains it."""


class LockerSilent(Fact, frozen=True, tag="locker.silent.v1"):
    """No sensor of these doors is heard any more: a lock board is away, or all of them are."""

    bank: str
    doors: list[str]


class LockerHeard(Fact, frozen=True, tag="locker.heard.v1"):
    """The sensors of these doors are heard again, and show what they showed before they went silent."""

    bank: str
    doors: list[str]


class LockerTrouble(Fact, frozen=True, tag="locker.trouble.v1"):
    """A door needs a hand."""

    bank: str
    door: str
    trouble: Literal["left_open", "forced", "jammed", "dead", "occupied", "empty"]


class LockerTroubleOver(Fact, frozen=True, tag="locker.trouble_over.v1"):
    """It needs none any more."""

    bank: str
    door: str
    trouble: str


class LockerCodeRefused(Fact, frozen=True, tag="locker.code_refused.v1"):
    """Somebody entered digits at a bank that open nothing there."""

    bank: str
    wrong: int
    """How many within the hour, at this place."""
    until_ms: int
    """When that place may enter digits again."""
    place: str = ""
    """Where they were entered: a keypad or a phone. "" is the whole bank: until then places were not told apart."""


class LockerScanRefused(Fact, frozen=True, tag="locker.scan_refused.v1"):
    """Somebody held a collect code before a bank's scanner, and it opened nothing."""

    bank: str
    scanner: str
    reason: str
    """A refusal's code."""


class LockerOutOfOrder(Fact, frozen=True, tag="locker.out_of_order.v1"):
    """Staff took a door out of use."""

    bank: str
    door: str
    staff: str
    reason: str


class LockerBackInOrder(Fact, frozen=True, tag="locker.back_in_order.v1"):
    """Staff gave a door back into use."""

    bank: str
    door: str
    staff: str
