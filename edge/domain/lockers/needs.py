"""What staff must see of the locker banks: doors that need a hand, parcels that lie too long, doors out of use."""

from __future__ import annotations

from typing import Final

from edge.domain.lockers.queries import rules_of
from edge.domain.lockers.rules import THERE, fee
from edge.domain.lockers.serving import spots
from edge.domain.needs import LOOK, NOW, SOON, WHEN_FREE, Need
from edge.domain.serving import Spot
from edge.journal import Reads

_URGENCY: Final = {"forced": NOW, "left_open": NOW, "jammed": NOW, "occupied": SOON, "dead": SOON, "empty": WHEN_FREE}


def needs(reads: Reads, now: int) -> list[Need]:
    """Doors that need a hand, parcels that lie too long, orders whose door closed over nothing, doors out of use."""
    banks = spots(reads, now)
    mute = {bank for bank, spot in banks.items() if spot.why == "dead"}
    gone = mute | {bank for bank, spot in banks.items() if spot.why == "offline"}
    return [
        *(_mute(reads, banks[bank]) for bank in sorted(mute)),
        *_troubles(reads, gone),
        *_overdue(reads, now),
        *_unsure(reads),
        *_out_of_use(reads),
    ]


def _mute(reads: Reads, bank: Spot) -> Need:
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
                "fee": fee(rules, (row["fee"], row["fee_most"]), row["due_ms"], now),
            },
            action="open_door",
        )
        for row in reads.all(f"SELECT * FROM parcels WHERE {THERE} AND state='overdue'")  # noqa: S608 - ours
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
        for row in reads.all(f"SELECT * FROM parcels WHERE {THERE} AND state='unsure' AND filler IS NOT NULL")  # noqa: S608
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
