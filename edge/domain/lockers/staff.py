"""What staff does at the locker banks: open any door for a reason that is kept, look, clear, take out of use."""

from __future__ import annotations

from typing import Final, Literal

from edge.domain.callers import asked_by
from edge.domain.lockers.facts import LockerBackInOrder, LockerOutOfOrder
from edge.domain.lockers.openings import Opening, door_of, earlier, open_door
from edge.domain.lockers.rules import ASKED, Why
from edge.domain.lockers.transitions import move
from edge.journal import Tx

Purpose = Literal["hand_over", "clear", "inspect"]
"""What staff opens a door for: to give the parcel to its owner, to take it into keeping, or to look."""
_WHY: Final[dict[Purpose, Why]] = {"hand_over": "take", "clear": "clear", "inspect": "inspect"}


@asked_by("staff")
def staff_open(
    tx: Tx, *, bank: str, door: str, staff: str, purpose: Purpose, reason: str, request: str, shown: str = ""
) -> Opening:
    """Staff opens any door, for a reason that is kept; `shown` is the parcel that they saw behind it.

    Refuses: bad_request, locker_unknown, page_outdated, locker_away, door_busy.
    """
    if not reason.strip():
        raise tx.refuse("bad_request", field="reason")
    known = earlier(tx, request, None, bank=bank, door=door)
    if known is not None:
        return known
    row = door_of(tx, bank, door, shown)
    why: Why = "inspect" if row.parcel is None else _WHY[purpose]
    return open_door(tx, row, why, "staff", request, parcel=row.parcel, staff=staff, reason=reason.strip())


@asked_by("staff")
def confirm_parcel(tx: Tx, *, bank: str, door: str, staff: str, reason: str, shown: str = "") -> None:
    """Staff has looked behind a forced door: the parcel is there. The look itself is recorded as an opening.

    Refuses: locker_unknown, page_outdated where another parcel than was `shown`, or none, is behind it.
    """
    parcel = tx.one("SELECT * FROM parcels WHERE parcel=?", door_of(tx, bank, door, shown).parcel)
    if not move(tx, parcel, "vouched"):
        set_usable(tx, bank=bank, door=door, staff=staff, reason=reason, usable=True)


@asked_by("staff")
def set_usable(tx: Tx, *, bank: str, door: str, staff: str, reason: str, usable: bool) -> None:
    """Staff takes a door out of use, or gives it back; a parcel behind it stays collectable."""
    row = door_of(tx, bank, door)
    if usable:
        if row.out_of_order is None and row.fault is None and not row.unasked:
            return
        tx.emit(LockerBackInOrder(bank=bank, door=door, staff=staff))
    elif row.out_of_order is None:
        tx.emit(LockerOutOfOrder(bank=bank, door=door, staff=staff, reason=reason))


@asked_by("staff")
def answer(tx: Tx, *, parcel: str, inside: bool) -> None:
    """Whoever filled a door for somebody else says what its sensor cannot: it is in, or nothing was put in.

    Said when that is no question any more, it changes nothing: somebody may be taking it out.

    Refuses: parcel_unknown, locker_close_first.
    """
    row = tx.one("SELECT * FROM parcels WHERE parcel=?", parcel)
    if row is None or row["filler"] is None:
        raise tx.refuse("parcel_unknown", parcel=parcel)
    if door_of(tx, row["bank"], row["door"]).shut == "open":
        raise tx.refuse("locker_close_first", bank=row["bank"], door=row["door"])
    if row["state"] in ASKED:
        move(tx, row, "confirmed" if inside else "withdrawn")
