"""What staff does at the locker banks: open any door for a reason that is kept, look, clear, take out of use."""

from __future__ import annotations

from typing import Final, Literal

from edge.domain.locker_doors import move
from edge.domain.locker_facts import LockerBackInOrder, LockerOutOfOrder
from edge.domain.locker_openings import Opening, door_of, earlier, open_door
from edge.domain.locker_rules import Why
from edge.domain.needs import NOW, SOON, WHEN_FREE, Need
from edge.journal import Reads, Tx

Purpose = Literal["hand_over", "clear", "inspect"]
"""What staff opens a door for: to give the parcel to its owner, to take it into keeping, or to look."""
_WHY: Final[dict[Purpose, Why]] = {"hand_over": "take", "clear": "clear", "inspect": "inspect"}


def staff_open(tx: Tx, *, bank: str, door: str, staff: str, purpose: Purpose, reason: str, request: str) -> Opening:
    """Staff opens any door, for a reason that is kept. Refuses: bad_request, locker_unknown, locker_away, door_busy."""
    if not reason.strip():
        raise tx.refuse("bad_request", field="reason")
    known = earlier(tx, request, None)
    if known is not None:
        return known
    row = door_of(tx, bank, door)
    why: Why = "inspect" if row["parcel"] is None else _WHY[purpose]
    return open_door(tx, row, why, "staff", request, parcel=row["parcel"], staff=staff, reason=reason.strip())


def vouch(tx: Tx, *, bank: str, door: str, staff: str, reason: str) -> None:
    """Staff has looked behind a forced door: the parcel is there. The look itself is recorded as an opening."""
    parcel = tx.one("SELECT * FROM parcels WHERE parcel=?", door_of(tx, bank, door)["parcel"])
    if not move(tx, parcel, "vouched"):
        set_order(tx, bank=bank, door=door, staff=staff, reason=reason, usable=True)


def set_order(tx: Tx, *, bank: str, door: str, staff: str, reason: str, usable: bool) -> None:
    """Staff takes a door out of use, or gives it back; a parcel behind it stays collectable."""
    door_of(tx, bank, door)
    if usable:
        tx.emit(LockerBackInOrder(bank=bank, door=door, staff=staff))
    else:
        tx.emit(LockerOutOfOrder(bank=bank, door=door, staff=staff, reason=reason))


_URGENCY: Final = {"forced": NOW, "left_open": NOW, "jammed": NOW, "occupied": SOON, "dead": SOON, "empty": WHEN_FREE}


def needs(reads: Reads, _now: int) -> list[Need]:
    """Doors that need a hand, and parcels that lie too long."""
    found = [
        Need(
            id=f"locker:{row['bank']}:{row['door']}:{row['trouble']}",
            urgency=_URGENCY[row["trouble"]],
            device=row["bank"],
            kind=f"locker_{row['trouble']}",
            since_ms=row["since_ms"],
            details={"door": row["door"]},
            action="open_door",
        )
        for row in reads.all("SELECT * FROM locker_troubles")
    ]
    late = reads.all("SELECT * FROM parcels WHERE state='overdue'")
    return found + [
        Need(
            id=f"parcel:{row['parcel']}",
            urgency=WHEN_FREE,
            device=row["bank"],
            kind="locker_overdue",
            since_ms=row["due_ms"],
            details={"door": row["door"], "parcel": row["parcel"]},
            action="open_door",
        )
        for row in late
    ]
