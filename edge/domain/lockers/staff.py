"""What staff does at the locker banks: open any door for a reason that is kept, look, clear, take out of use."""

from __future__ import annotations

from typing import Final, Literal

from edge.domain import serving
from edge.domain.callers import asked_by
from edge.domain.lockers.facts import LockerBackInOrder, LockerOutOfOrder
from edge.domain.lockers.moves import move, rules_of
from edge.domain.lockers.openings import Opening, door_of, earlier, open_door
from edge.domain.lockers.rules import Why, fee
from edge.domain.needs import LOOK, NOW, SOON, WHEN_FREE, Need
from edge.journal import Reads, Tx

Purpose = Literal["hand_over", "clear", "inspect"]
"""What staff opens a door for: to give the parcel to its owner, to take it into keeping, or to look."""
_WHY: Final[dict[Purpose, Why]] = {"hand_over": "take", "clear": "clear", "inspect": "inspect"}


@asked_by("staff")
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


@asked_by("staff")
def vouch(tx: Tx, *, bank: str, door: str, staff: str, reason: str) -> None:
    """Staff has looked behind a forced door: the parcel is there. The look itself is recorded as an opening."""
    parcel = tx.one("SELECT * FROM parcels WHERE parcel=?", door_of(tx, bank, door)["parcel"])
    if not move(tx, parcel, "vouched"):
        set_order(tx, bank=bank, door=door, staff=staff, reason=reason, usable=True)


@asked_by("staff")
def set_order(tx: Tx, *, bank: str, door: str, staff: str, reason: str, usable: bool) -> None:
    """Staff takes a door out of use, or gives it back; a parcel behind it stays collectable."""
    row = door_of(tx, bank, door)
    if usable:
        tx.emit(LockerBackInOrder(bank=bank, door=door, staff=staff))
    elif row["out_of_order"] is None:
        tx.emit(LockerOutOfOrder(bank=bank, door=door, staff=staff, reason=reason))


@asked_by("staff")
def answer(tx: Tx, *, parcel: str, inside: bool) -> None:
    """Whoever filled a door for somebody else says what its sensor cannot: it is in, or nothing was put in.

    Refuses: parcel_unknown, locker_close_first.
    """
    row = tx.one("SELECT * FROM parcels WHERE parcel=?", parcel)
    if row is None or row["filler"] is None:
        raise tx.refuse("parcel_unknown", parcel=parcel)
    if door_of(tx, row["bank"], row["door"])["shut"] == "open":
        raise tx.refuse("locker_close_first", bank=row["bank"], door=row["door"])
    move(tx, row, "confirmed" if inside else "withdrawn")


_URGENCY: Final = {"forced": NOW, "left_open": NOW, "jammed": NOW, "occupied": SOON, "dead": SOON, "empty": WHEN_FREE}


def needs(reads: Reads, now: int) -> list[Need]:
    """Doors that need a hand, parcels that lie too long, orders whose door closed over nothing, doors out of use."""
    banks = serving.banks(reads, now)
    mute = {bank for bank, spot in banks.items() if spot.why == "dead"}
    gone = mute | {bank for bank, spot in banks.items() if spot.why == "offline"}
    return [
        *(_mute(reads, banks[bank]) for bank in sorted(mute)),
        *_troubles(reads, gone),
        *_overdue(reads, now),
        *_unsure(reads),
        *_out_of_use(reads),
    ]


def _mute(reads: Reads, bank: serving.Spot) -> Need:
    """One board is one card, whatever it moves; `door` is one to try, with nothing behind it where there is such."""
    rows = reads.all("SELECT door, parcel, fault FROM doors WHERE bank=? ORDER BY door", bank.id)
    return Need(
        id=f"mute:{bank.id}",
        urgency=NOW,
        device=bank.id,
        kind="bank_dead",
        since_ms=bank.since_ms,
        details={
            "doors": len(rows),
            "kept": sum(row["parcel"] is not None for row in rows),
            "door": next((row["door"] for row in rows if row["fault"] and row["parcel"] is None), rows[0]["door"]),
        },
        action="open_door",
    )


def _troubles(reads: Reads, gone: set[str]) -> list[Need]:
    """Door by door; a bank that does not answer as a whole has a card of its own."""
    return [
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
        if row["trouble"] != "dead" or row["bank"] not in gone
    ]


def _overdue(reads: Reads, now: int) -> list[Need]:
    rules = rules_of(reads)
    return [
        Need(
            id=f"parcel:{row['parcel']}",
            urgency=WHEN_FREE,
            device=row["bank"],
            kind="locker_overdue",
            since_ms=row["due_ms"],
            details={
                "door": row["door"],
                "parcel": row["parcel"],
                "reminded": row["reminded"],
                "fee": fee(rules, row["due_ms"], now),
            },
            action="open_door",
        )
        for row in reads.all("SELECT * FROM parcels WHERE state='overdue'")
    ]


def _unsure(reads: Reads) -> list[Need]:
    return [
        Need(
            id=f"unsure:{row['parcel']}",
            urgency=NOW,
            device=row["bank"],
            kind="locker_unsure",
            since_ms=row["changed_ms"],
            details={"door": row["door"], "parcel": row["parcel"]},
            action="answer",
        )
        for row in reads.all("SELECT * FROM parcels WHERE state='unsure' AND filler IS NOT NULL")
    ]


def _out_of_use(reads: Reads) -> list[Need]:
    return [
        Need(
            id=f"door_out:{row['bank']}:{row['door']}",
            urgency=LOOK,
            device=row["bank"],
            kind="door_out_of_order",
            since_ms=row["out_ms"],
            details={"door": row["door"], "reason": row["out_of_order"], "by": row["out_by"]},
            action="put_back",
        )
        for row in reads.all("SELECT * FROM doors WHERE out_of_order IS NOT NULL ORDER BY bank, door")
    ]
