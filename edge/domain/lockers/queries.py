"""What is asked of locker banks: their doors, whose a parcel is, its slip, and how an opening goes on."""

from __future__ import annotations

import sqlite3
from itertools import groupby
from operator import itemgetter
from typing import Final, Literal

import msgspec

from edge.domain.actuations import GrantProgress
from edge.domain.held import queries as held
from edge.domain.lockers.rules import HELD, THERE, DoorStatus, Parcel, Rules, Why
from edge.domain.noun import InUse
from edge.domain.printing.queries import newest
from edge.domain.printing.rules import PrintJob
from edge.domain.rows import columns
from edge.journal import Reads

_DOOR: Final = f"SELECT {columns(DoorStatus, 'd')} FROM doors d WHERE d.bank=? AND d.door=?"  # noqa: S608 - our own columns


def door(reads: Reads, bank: str, name: str) -> DoorStatus | None:
    """Returns one door of a bank."""
    row = reads.one(_DOOR, bank, name)
    return DoorStatus(*row) if row else None


class DoorNow(msgspec.Struct, frozen=True):
    """A door, and what lies behind it."""

    door: DoorStatus
    state: str | None
    """Of the parcel behind it."""
    held: bool
    """A later version recorded something about it: it is left alone."""


_DOORS: Final = f"""
SELECT {columns(DoorStatus, "d")}, p.state, {held.DOOR} FROM doors d LEFT JOIN parcels p ON p.parcel=d.parcel
"""  # noqa: S608 - our own columns and condition


def doors(reads: Reads, bank: str | None = None) -> list[DoorNow]:
    """Returns the doors of a bank, or of all of them, in their order."""
    order = " ORDER BY d.bank, d.door"
    rows = reads.all(_DOORS + order) if bank is None else reads.all(_DOORS + "WHERE d.bank=?" + order, bank)
    return [DoorNow(DoorStatus(*row[:-2]), row[-2], bool(row[-1])) for row in rows]


def rules_of(reads: Reads) -> Rules:
    """The agreement about parcels as it stands."""
    row = reads.one("SELECT rules FROM locker_rules")
    return msgspec.json.decode(row["rules"], type=Rules) if row else Rules()


_PARCEL: Final = columns(Parcel, "p")


def parcel(reads: Reads, name: str) -> Parcel | None:
    """Returns one parcel."""
    row = reads.one(f"SELECT {_PARCEL} FROM parcels p WHERE p.parcel=?", name)  # noqa: S608 - our own columns
    return Parcel(*row) if row else None


def has_lockers(reads: Reads) -> bool:
    """Whether the store has any door."""
    return reads.one("SELECT 1 FROM doors LIMIT 1") is not None


def parcel_of_order(reads: Reads, number: str) -> Parcel | None:
    """Returns the parcel that holds an order's goods, the newest that was not taken back before it was kept."""
    row = reads.one(
        f"SELECT {_PARCEL} FROM parcels p WHERE p.order_ref=? AND p.state<>'cancelled'"  # noqa: S608 - our own columns
        " ORDER BY p.place DESC LIMIT 1",
        number,
    )
    return Parcel(*row) if row else None


def parcels_of(reads: Reads, member: str) -> list[Parcel]:
    """What a member has in the store's banks, the newest first."""
    rows = reads.all(
        f"SELECT {_PARCEL} FROM kin k JOIN parcels p ON p.member=k.other AND p.place > k.since"  # noqa: S608
        f" AND p.{THERE} WHERE k.member=? ORDER BY p.begun_ms DESC",
        member,
    )
    return [Parcel(*row) for row in rows]


def parcels_kept(reads: Reads) -> list[Parcel]:
    """Returns every parcel that a door is taken by, in the order of the doors."""
    rows = reads.all(
        f"SELECT {_PARCEL} FROM parcels p JOIN doors d ON d.parcel=p.parcel ORDER BY p.bank, p.door"  # noqa: S608
    )
    return [Parcel(*row) for row in rows]


def parcel_of_code(reads: Reads, seed: str) -> Parcel | None:
    """Returns the parcel that a collect code names, whatever became of it."""
    row = reads.one(
        f"SELECT {_PARCEL} FROM parcel_codes c JOIN parcels p ON p.parcel=c.parcel WHERE c.seed=?",  # noqa: S608
        seed,
    )
    return Parcel(*row) if row else None


def shared_seed(reads: Reads, parcel: str) -> str | None:
    """Returns the name of the code that a parcel's owner gave away."""
    row = reads.one("SELECT seed FROM parcel_codes WHERE parcel=? AND shared", parcel)
    return row["seed"] if row else None


def count_of(reads: Reads, member: str) -> int:
    """Returns how many parcels this person ever had."""
    row = reads.one("SELECT count(*) AS n FROM parcels WHERE member=?", member)
    return row["n"] if row else 0


class OpeningNow(msgspec.Struct, frozen=True):
    """An opening, and what became of the parcel behind its door."""

    bank: str
    door: str
    why: Why
    state: str
    """`granted`, `opened`, `failed` or `lapsed`."""
    reason: str | None
    parcel_state: str | None


def opening(reads: Reads, grant: str) -> OpeningNow | None:
    """Returns one opening."""
    row = reads.one(
        "SELECT o.bank, o.door, o.why, o.state, o.reason, p.state FROM openings o"
        " LEFT JOIN parcels p ON p.parcel=o.parcel WHERE o.grant_id=?",
        grant,
    )
    return OpeningNow(*row) if row else None


def fence(reads: Reads, bank: str, door: str) -> int:
    """That of the latest command to a door: what is asked for beside it may not overtake it."""
    row = reads.one("SELECT fence FROM doors WHERE bank=? AND door=?", bank, door)
    return int(row["fence"]) if row else 0


class UnderWay(msgspec.Struct, frozen=True):
    """A door that is open, or about to be."""

    bank: str
    door: str
    state: str
    """Of the parcel."""
    opening: str


def doors_under_way(reads: Reads, member: str) -> list[UnderWay]:
    """Returns the doors that a member is at now, the newest first."""
    rows = reads.all(
        "SELECT p.bank, p.door, p.state, d.opening FROM kin k JOIN parcels p ON p.member=k.other AND p.place > k.since"  # noqa: S608
        f" AND p.{THERE} JOIN doors d ON d.parcel=p.parcel WHERE k.member=? AND p.filler IS NULL"
        " AND p.state IN ('reserved', 'filling', 'unsure', 'taking') ORDER BY p.changed_ms DESC",
        member,
    )
    return [UnderWay(*row) for row in rows]


def opening_under_way(reads: Reads, grant: str) -> UnderWay | None:
    """Returns the door of an opening, while it is the newest there and not over."""
    row = reads.one(
        "SELECT o.bank, o.door, p.state, o.grant_id FROM openings o JOIN parcels p ON p.parcel=o.parcel"
        " JOIN doors d ON d.bank=o.bank AND d.door=o.door AND d.opening=o.grant_id"
        " WHERE o.grant_id=? AND (o.state='granted' OR p.state IN ('filling', 'taking'))",
        grant,
    )
    return UnderWay(*row) if row else None


def bank_of(reads: Reads, scanner: str) -> str | None:
    """The bank that a scanner belongs to."""
    row = reads.one("SELECT attached_to FROM devices WHERE device=?", scanner)
    return row["attached_to"] if row else None


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


def door_names(reads: Reads) -> dict[str, tuple[str, ...]]:
    """Returns the doors of each bank, in their order."""
    rows = reads.all("SELECT bank, door FROM doors ORDER BY bank, door")
    return {bank: tuple(row["door"] for row in of_bank) for bank, of_bank in groupby(rows, itemgetter("bank"))}


def under_way_at(reads: Reads, bank: str) -> int:
    """How many doors of a bank are being opened now."""
    return len(opening_at(reads, bank))


def opening_at(reads: Reads, bank: str) -> frozenset[str]:
    """The doors of a bank that are being opened now."""
    return frozenset(
        row["door"] for row in reads.all("SELECT door FROM openings WHERE state='granted' AND bank=?", bank)
    )


def in_use(reads: Reads) -> list[InUse]:
    """The doors that somebody is at now: being opened, or open."""
    rows = reads.all(
        "SELECT bank, door, granted_ms AS since_ms FROM openings WHERE state='granted'"
        " UNION SELECT p.bank, p.door, p.changed_ms FROM parcels p JOIN doors d ON d.parcel=p.parcel"
        " WHERE p.state IN ('filling', 'taking', 'clearing')"
        " ORDER BY 3, 1, 2"
    )
    return list({thing: InUse("door", thing, row["since_ms"]) for row in rows if (thing := _door_name(row))}.values())


def _door_name(row: sqlite3.Row) -> str:
    return f"{row['bank']}/{row['door']}"
