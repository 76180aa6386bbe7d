"""What is asked of locker banks: which can serve, whose a parcel is, its slip, and what staff must see."""

from __future__ import annotations

import sqlite3
from typing import Final, Literal

import msgspec

from edge.domain import held
from edge.domain.actuations import GrantProgress
from edge.domain.lockers.rules import FORGIVEN_MS, HELD, SILENT, Door, Rules, Size, Why, fee, fits, giveable
from edge.domain.needs import LOOK, NOW, SOON, WHEN_FREE, Need
from edge.domain.printing.queries import newest
from edge.domain.printing.rules import PrintJob
from edge.domain.rows import columns
from edge.domain.serving import Obstacle, Spot, nearest_to, place_of
from edge.journal import Reads

_DOOR: Final = f"SELECT {columns(Door, 'd')} FROM doors d WHERE d.bank=? AND d.door=?"  # noqa: S608 - our own columns


def door(reads: Reads, bank: str, name: str) -> Door | None:
    """Returns one door of a bank."""
    row = reads.one(_DOOR, bank, name)
    return Door(*row) if row else None


class DoorNow(msgspec.Struct, frozen=True):
    """A door, and what lies behind it."""

    door: Door
    state: str | None
    """Of the parcel behind it."""
    held: bool
    """A later version recorded something about it: it is left alone."""


_DOORS: Final = f"""
SELECT {columns(Door, "d")}, p.state, {held.DOOR} FROM doors d LEFT JOIN parcels p ON p.parcel=d.parcel
"""  # noqa: S608 - our own columns and condition


def doors(reads: Reads, bank: str | None = None) -> list[DoorNow]:
    """Returns the doors of a bank, or of all of them, in their order."""
    order = " ORDER BY d.bank, d.door"
    rows = reads.all(_DOORS + order) if bank is None else reads.all(_DOORS + "WHERE d.bank=?" + order, bank)
    return [DoorNow(Door(*row[:-2]), row[-2], bool(row[-1])) for row in rows]


class _Behind(msgspec.Struct, frozen=True):
    """A door, with what is known of the bank and the board behind it."""

    door: Door
    held: bool
    bank_held: bool
    online: bool | None
    zone: str | None
    at: str | None
    device_ms: int | None
    out_since: int | None
    well_ms: int | None
    """When a door of this bank opened last."""


_BEHIND: Final = f"""
SELECT {columns(Door, "d")}, {held.DOOR}, {held.BANK}, v.online, v.zone, v.at, v.changed_ms, o.since_ms,
    (SELECT max(ended_ms) FROM openings p WHERE p.bank=d.bank AND p.state='opened')
FROM doors d LEFT JOIN devices v ON v.device=d.bank LEFT JOIN out_of_order o ON o.device=d.bank ORDER BY d.bank, d.door
"""  # noqa: S608 - our own columns and conditions
_WIDTH: Final = len(Door.__struct_fields__)


def spots(reads: Reads, now: int) -> dict[str, Spot]:
    """Every bank by its id; one whose last free door is given away is `full`."""
    of: dict[str, list[_Behind]] = {}
    for row in reads.all(_BEHIND):
        of.setdefault(row["bank"], []).append(_Behind(Door(*row[:_WIDTH]), *row[_WIDTH:]))
    return {bank: _bank(bank, behind, now) for bank, behind in of.items()}


def spot(reads: Reads, bank: str, now: int) -> Spot | None:
    """One bank; none where the store has none of that name."""
    return spots(reads, now).get(bank)


def _bank(name: str, doors: list[_Behind], now: int) -> Spot:
    first = doors[0]
    count = sum(giveable(each.door) and not each.held for each in doors)
    why = _bank_why(doors, now)
    spot = Spot(name, first.zone or "", place_of(first.at), why or (None if count else "full"))
    since = first.out_since or (first.device_ms if why == "offline" else _silent_since(doors, now))
    return msgspec.structs.replace(spot, since_ms=since or 0, free=0 if why else count)


def _bank_why(doors: list[_Behind], now: int) -> Obstacle | None:
    first = doors[0]
    if first.out_since is not None or first.bank_held:
        return "out_of_order"
    if first.online == 0:
        return "offline"
    return "dead" if _is_mute(doors, now) else None


def _is_mute(doors: list[_Behind], now: int) -> bool:
    """Whether the board behind the doors does not answer: two doors failed so, or one while no sensor is heard."""
    silent = [each for each in doors if _is_silent(each, now)]
    if not silent:
        return False
    blind = all(each.door.lock == "unknown" and each.door.shut == "unknown" for each in doors)
    return len(silent) > 1 or blind


def _is_silent(behind: _Behind, now: int) -> bool:
    """Whether this door's last opening met silence, and nothing has answered since."""
    fault, at_ms = behind.door.fault, behind.door.fault_ms or 0
    if fault not in SILENT or (fault == "no_reply" and now - at_ms > FORGIVEN_MS):
        return False
    return max(behind.well_ms or 0, behind.device_ms or 0) <= at_ms


def _silent_since(doors: list[_Behind], now: int) -> int:
    return min((each.door.fault_ms or 0 for each in doors if _is_silent(each, now)), default=0)


def nearest(reads: Reads, name: str, now: int, size: Size | None = None) -> list[Spot]:
    """Banks with a door for a parcel of that size, the nearest to this one first."""
    known = spots(reads, now)
    fitting = {
        each.door.bank
        for each in doors(reads)
        if not each.held and giveable(each.door) and fits(each.door.size, size or "S")
    }
    return nearest_to(
        [spot for spot in known.values() if spot.why is None and spot.id in fitting], known.get(name), name
    )


def rules_of(reads: Reads) -> Rules:
    """The agreement about parcels as it stands."""
    row = reads.one("SELECT rules FROM locker_rules")
    return msgspec.json.decode(row["rules"], type=Rules) if row else Rules()


def parcels_of(reads: Reads, member: str) -> list[sqlite3.Row]:
    """What a member has in the store's banks, the newest first."""
    return reads.all(
        "SELECT p.* FROM kin k JOIN parcels p ON p.member=k.other AND p.place > k.since"
        " AND p.state NOT IN ('cancelled', 'collected', 'cleared') WHERE k.member=? ORDER BY p.begun_ms DESC",
        member,
    )


def bank_of(reads: Reads, scanner: str) -> str | None:
    """The bank that a scanner belongs to."""
    row = reads.one("SELECT beside FROM devices WHERE device=?", scanner)
    return row["beside"] if row else None


def job_of(parcel: str) -> str:
    """The business id of a parcel's slip: as much of the parcel's id as is random."""
    return f"parcel-{parcel.replace('-', '')[-12:]}"


def slip_of(reads: Reads, parcel: str) -> PrintJob | None:
    """The print job of a parcel's slip, where there is one."""
    return newest(reads, job_of(parcel))


_PROGRESS: Final = """
SELECT o.*, p.state AS parcel_state, d.opening AS newest FROM openings o LEFT JOIN parcels p ON p.parcel=o.parcel
LEFT JOIN doors d ON d.bank=o.bank AND d.door=o.door WHERE o.grant_id=?
"""

DoorStage = Literal["asked", "sent", "open", "unsure", "closed", "back", "failed"]


class OpeningProgress(GrantProgress, frozen=True, kw_only=True, gc=False):
    """How far an opening has come."""

    stage: DoorStage
    door: str
    why: Why
    parcel: str | None


def progress(reads: Reads, grant: str) -> OpeningProgress | None:
    """Returns how far an opening has come, and what became of the parcel behind the door."""
    row = reads.one(_PROGRESS, grant)
    if row is None:
        return None
    failed = row["state"] in ("failed", "lapsed")
    return OpeningProgress(
        grant=grant,
        device=row["bank"],
        holder=row["member"] or "",
        stage=_stage(row),
        hop=row["hop"] if failed else None,
        reason=row["reason"] if failed else None,
        ended_ms=row["ended_ms"],
        door=row["door"],
        why=row["why"],
        parcel=row["parcel"],
    )


def _stage(row: sqlite3.Row) -> DoorStage:
    if row["state"] != "opened":
        return "asked" if row["state"] == "granted" else "failed"
    state = row["parcel_state"]
    if row["newest"] != row["grant_id"]:
        return "closed"  # the door has been opened again since
    if row["why"] == "fill":
        by_state: dict[str, DoorStage] = {"filling": "open", "unsure": "unsure", "cancelled": "back"}
        return by_state.get(state, "closed")
    if state in ("taking", "clearing") or row["why"] == "inspect":
        return "open"
    return "back" if state in HELD else "closed"


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


def door_counts(reads: Reads) -> dict[str, int]:
    """By bank."""
    return {row["bank"]: row["count"] for row in reads.all("SELECT bank, count(*) AS count FROM doors GROUP BY bank")}
