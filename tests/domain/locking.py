"""A bank of lockers in the hands of a test: what its doors show, and how its orders end."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from edge.domain.devices.facts import DeviceCameOnline, DeviceEnrolled
from edge.domain.lockers import decisions as lockers
from edge.domain.lockers import doors as locker_doors
from edge.domain.lockers import staff as locker_staff
from edge.domain.lockers.code_entry import CodeEntry
from edge.domain.lockers.decisions import PlannedDoor
from edge.domain.lockers.openings import Opening
from edge.domain.lockers.rules import Rules, Size
from edge.domain.lockers.staff import Purpose
from edge.domain.touchpoints.codes import Codes
from tests.callers import by

if TYPE_CHECKING:
    from edge.journal import Tx
    from edge.journal.journal import Journal

CODES = Codes(b"k" * 32, "s001", lambda _: None)
BANK = "locker-a"
DOORS = (
    PlannedDoor("01", "S"), PlannedDoor("02", "S"), PlannedDoor("03", "S", low=True), PlannedDoor("04", "M"),
    PlannedDoor("05", "M", low=True), PlannedDoor("06", "L", low=True),
)  # fmt: skip
RULES = Rules(fee=100, fee_most=250, most=3)


def build(tx: Tx) -> None:
    """One bank of six doors, online."""
    names = {"zh-CN": "柜", "en": "bank"}
    enrolled = DeviceEnrolled(device=BANK, kind="locker", zone="entrance", label=names, at=(1.0, 1.0))
    tx.emit(enrolled)
    tx.emit(DeviceCameOnline(device=BANK, boot="b1"))
    lockers.install(tx, {BANK: DOORS}, RULES)


class Bank:
    """Asks, answers and shows, each in one line of a test."""

    def __init__(self, store: Journal) -> None:
        self.store = store
        self.shown = {door.name: {"lock": "locked", "door": "closed", "occupied": False} for door in DOORS}

    async def look(self) -> None:
        await self.store.write(
            locker_doors.on_state, bank=BANK, doors={name: dict(door) for name, door in self.shown.items()}
        )

    async def show(self, name: str, **changes: Any) -> None:
        self.shown[name].update(changes)
        await self.look()

    async def opens(self, name: str) -> None:
        await self.show(name, lock="unlocked", door="open")

    async def closes(self, name: str, *, occupied: bool | None) -> None:
        await self.show(name, lock="locked", door="closed", occupied=occupied)

    async def deposit(self, member: str, size: Size = "S", **more: Any) -> Opening:
        more = {"request": str(uuid.uuid4()), **more}
        return await self.store.write(lockers.deposit, codes=CODES, bank=BANK, size=size, caller=by(member), **more)

    async def fill(self, owner: str, filler: str, **more: Any) -> Opening:
        more = {"request": str(uuid.uuid4()), **more}
        return await self.store.write(
            lockers.fill, codes=CODES, bank=BANK, size="S", owner=owner, filler=filler, **more
        )

    async def take(self, parcel: str | None, member: str) -> Opening:
        return await self.store.write(lockers.take, parcel=parcel or "", caller=by(member), request=str(uuid.uuid4()))

    async def end(self, opening: Opening, outcome: str = "done", reason: str | None = None) -> None:
        await self.store.write(locker_doors.settle, opening.id, outcome, reason, "lock")

    async def kept(self, member: str, **more: Any) -> Opening:
        """A parcel that lies behind its door."""
        opening = await self.deposit(member, **more)
        await self.end(opening)
        await self.opens(opening.door)
        await self.closes(opening.door, occupied=True)
        assert self.state(opening.parcel) == "kept"
        return opening

    async def tend(self) -> None:
        await self.store.write(locker_doors.on_tick)

    def state(self, parcel: str | None) -> str:
        return str(self.parcel(parcel)["state"])

    def parcel(self, parcel: str | None) -> dict[str, Any]:
        return dict(self.store.reads.one("SELECT * FROM parcels WHERE parcel=?", parcel))

    def door(self, name: str) -> dict[str, Any]:
        return dict(self.store.reads.one("SELECT * FROM doors WHERE bank=? AND door=?", BANK, name))

    def troubles(self) -> set[tuple[str, str]]:
        return {(row["door"], row["trouble"]) for row in self.store.reads.all("SELECT * FROM locker_troubles")}

    def facts(self) -> list[str]:
        """What happened since the bank was built, in short."""
        kinds = [entry.type for entry in self.store.after(0, 10_000)]
        return [kind for kind in kinds if kind.startswith(("locker.", "parcel.")) and "door_added" not in kind]


PHONE = CodeEntry("phone")


def seed(bank: Bank, parcel: str | None, *, shared: bool = False) -> str:
    row = bank.store.reads.one("SELECT seed FROM parcel_codes WHERE parcel=? AND shared=?", parcel, shared)
    return str(row["seed"])


async def digits(bank: Bank, text: str, place: CodeEntry = PHONE) -> Opening | None:
    request = str(uuid.uuid4())
    return await bank.store.write(
        lockers.take_by_digits, codes=CODES, bank=BANK, digits=text, request=request, place=place
    )


def wrong(bank: Bank) -> str:
    """Six digits that no parcel has."""
    taken = {CODES.digits(row["seed"]) for row in bank.store.reads.all("SELECT seed FROM parcel_codes")}
    return next(text for n in range(100) if (text := f"{n:06d}") not in taken)


async def staff_opens(bank: Bank, door: str, purpose: Purpose) -> Opening:
    asked = {"bank": BANK, "door": door, "staff": "li", "purpose": purpose, "reason": "left open"}
    return await bank.store.write(locker_staff.staff_open, **asked, request=str(uuid.uuid4()))
