"""Locker banks: deposit → kept → collected, for shoppers, for those they share a code with, and for staff.

The rules are in `rules`, with the one transition table; what sensors and time do is in `doors`. An opening that fails
changes nothing: the door stays locked, the parcel's codes stay good.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from edge.domain.callers import Caller, Few, Proof, asked_by
from edge.domain.lockers import serving as locker_serving
from edge.domain.lockers.code_entry import SEEDS, CodeEntry, entered
from edge.domain.lockers.facts import (
    LockerDoorAdded,
    LockerDoorRemoved,
    LockerRulesSet,
    ParcelBegun,
    ParcelShared,
    ParcelShareEnded,
)
from edge.domain.lockers.openings import By, Opening, door_of, doors_of, earlier, open_door
from edge.domain.lockers.owners import own
from edge.domain.lockers.queries import opening_at, parcel_of_order, rules_of
from edge.domain.lockers.rules import (
    ASKED,
    ENDED,
    HELD,
    THERE,
    DoorStatus,
    Rules,
    Size,
    choose_door,
    fits,
    is_assignable,
)
from edge.domain.lockers.transitions import move
from edge.domain.members.queries import is_new, lacking_consent
from edge.domain.members.rules import NEW_MS
from edge.domain.serving import BROKEN
from edge.domain.touchpoints.codes import Codes
from edge.journal import Tx, id_text

WAIT_S: Final = 30
"""When to ask again where too many doors of a bank wait for a hand."""


class PlannedDoor(msgspec.Struct, frozen=True):
    """One door of a bank as the settings describe it."""

    name: str
    size: Size
    low: bool = False


@asked_by("store")
def install(tx: Tx, banks: Mapping[str, Sequence[PlannedDoor]], rules: Rules) -> None:
    """Take over banks, doors and rules of the settings; only what differs becomes a fact."""
    if rules_of(tx) != rules or tx.one("SELECT 1 FROM locker_rules") is None:
        tx.emit(LockerRulesSet(rules=rules))
    known = {(row["bank"], row["door"]): (row["size"], bool(row["low"])) for row in tx.all("SELECT * FROM doors")}
    for bank, doors in banks.items():
        for door in doors:
            if known.pop((bank, door.name), None) != (door.size, door.low):
                tx.emit(LockerDoorAdded(bank=bank, door=door.name, size=door.size, low=door.low))
    for bank, name in known:
        tx.emit(LockerDoorRemoved(bank=bank, door=name))


@asked_by(Proof.DEVICE)
def deposit(
    tx: Tx,
    *,
    codes: Codes,
    bank: str,
    size: Size,
    caller: Caller,
    request: str,
    low: bool = False,
    door: str | None = None,
    slip: str | None = None,
    few: Few | None = None,
) -> Opening:
    """Give a member a door and open it; with a `slip`, its code is printed in that language when it is kept.

    The same request, and a second tap before the door has opened, join the first. `few` bounds callers without a proven
    number: a script opens doors and puts nothing in, and its people are new. Refuses: locker_unknown, locker_away,
    locker_full, door_taken, locker_close_first, not_registered, too_many_parcels, doors_waiting, kept_for_others.
    """
    if few is not None and caller.proof is Proof.DEVICE:
        _refuse_crowd(tx, bank, caller.member, request, few)
    if (lacking := lacking_consent(tx, caller.member)) is not None:
        raise lacking
    begun = _Wanted(bank, size, caller.member, slip=slip)
    return _begin(tx, codes, begun, request, low=low, door=door)


@asked_by("staff")
def fill(
    tx: Tx,
    *,
    codes: Codes,
    bank: str,
    size: Size,
    owner: str,
    filler: str,
    request: str,
    order: str | None = None,
    slip: str | None = None,
    adviser: str | None = None,
    once: bool = False,
) -> Opening:
    """Staff or courier put a parcel in for a member; `adviser` is who sold it. With `once` an order is behind one door.

    Refuses like `deposit`, and pickup_in_locker where somebody else put that order in, or does now.
    """
    if once and order and earlier(tx, request, owner, bank=bank, size=size, why="fill") is None:
        known = parcel_of_order(tx, order)
        gone = known is None or known.state in (*ENDED, "emptied")
        if known is not None and not gone and (known.filler, known.bank) != (filler, bank):
            raise tx.refuse("pickup_in_locker")
    return _begin(tx, codes, _Wanted(bank, size, owner, filler, order, slip, adviser), request)


class _Wanted(msgspec.Struct, frozen=True):
    """A parcel that is to be put in."""

    bank: str
    size: Size
    member: str
    filler: str | None = None
    order: str | None = None
    slip: str | None = None
    adviser: str | None = None


def _begin(
    tx: Tx, codes: Codes, wanted: _Wanted, request: str, *, low: bool = False, door: str | None = None
) -> Opening:
    bank, size, member = wanted.bank, wanted.size, wanted.member
    known = earlier(tx, request, member, bank=bank, size=size, why="fill")
    if known is not None:
        return known
    # Whom staff fills a door for may become somebody by this very decision.
    if wanted.filler is None and tx.one("SELECT 1 FROM kin WHERE member=?", member) is None:
        raise tx.refuse("not_registered")
    rows = doors_of(tx, bank)
    spot = locker_serving.spot(tx, bank, tx.now)
    if spot is not None and spot.why in BROKEN:
        raise tx.refuse("locker_away", bank=bank, why=spot.why)
    joined = _under_way(tx, wanted)
    if joined is not None:
        return joined
    if wanted.filler is None:
        _refuse_too_many(tx, member)
    opening = opening_at(tx, bank)
    rows = [row for row in rows if row.door not in opening]
    chosen = choose_door(rows, size, low=low) if door is None else _chosen_door(rows, door, size)
    if chosen is None and door is not None:
        raise tx.refuse("door_taken", bank=bank, door=door)
    if chosen is None:
        raise tx.refuse("locker_full", bank=bank, size=size)
    begun = ParcelBegun(**msgspec.structs.asdict(wanted), door=chosen.door, seed=_fresh(tx, codes, bank, request))
    by: By = "filler" if wanted.filler else "owner"
    return open_door(
        tx, chosen, "fill", by, request, parcel=id_text(tx.emit(begun)), member=member, staff=wanted.filler
    )


_HELD = """
SELECT sum(p.state IN ('reserved', 'filling', 'unsure') OR p.state IN ('kept', 'overdue')
        AND (d.occupied=0 OR d.occupied IS NULL AND d.closed_ms IS NULL)) AS waiting,
    sum(m.registered_ms > ?4) AS new,
    max(p.state IN ('reserved', 'filling')
        AND EXISTS (SELECT 1 FROM kin k WHERE k.member=?2 AND k.other=p.member AND p.place > k.since)) AS own,
    (SELECT 1 FROM openings WHERE request=?3) AS asked
FROM doors d JOIN parcels p ON p.parcel=d.parcel LEFT JOIN members m ON m.member=p.member
WHERE d.bank=?1 AND p.filler IS NULL
"""
"""Doors that were opened for a parcel and behind which nothing has been seen, and those that new people hold."""


def _refuse_crowd(tx: Tx, bank: str, member: str, request: str, few: Few) -> None:
    row = tx.one(_HELD, bank, member, request, tx.now - NEW_MS)
    if row is None or row["own"] or row["asked"]:
        return
    if few.waiting is not None and (row["waiting"] or 0) >= few.waiting:
        raise tx.refuse("doors_waiting", bank=bank, seconds=WAIT_S)
    if few.new is not None and (row["new"] or 0) >= few.new and is_new(tx, member, tx.now):
        raise tx.refuse("kept_for_others", bank=bank, most=few.new)


def _refuse_too_many(tx: Tx, member: str) -> None:
    count = tx.one(
        f"SELECT count(*) AS n FROM kin k JOIN parcels p ON p.member=k.other AND p.{THERE} WHERE k.member=?",  # noqa: S608
        member,
    )
    if count is not None and count["n"] >= rules_of(tx).most:
        raise tx.refuse("too_many_parcels", most=rules_of(tx).most)


def _chosen_door(rows: Sequence[DoorStatus], door: str, size: Size) -> DoorStatus | None:
    return next((row for row in rows if row.door == door and is_assignable(row) and fits(row.size, size)), None)


def _under_way(tx: Tx, wanted: _Wanted) -> Opening | None:
    """A deposit of the same hand at this bank that has not come to its end; a person's phones are one hand. Another
    order has to wait for it: behind the same door nobody would know of it.
    """
    row = tx.one(
        "SELECT p.*, d.opening FROM kin k JOIN parcels p ON p.member=k.other AND p.place > k.since"
        " JOIN doors d ON d.parcel=p.parcel WHERE k.member=?2 AND p.bank=?1"
        " AND p.filler IS ?3 AND p.state IN ('reserved', 'filling') ORDER BY p.place LIMIT 1",
        wanted.bank,
        wanted.member,
        wanted.filler,
    )
    if row is None:
        return None
    if row["state"] == "filling" or row["order_ref"] != wanted.order:
        raise tx.refuse("locker_close_first", bank=wanted.bank, door=row["door"])
    return Opening(row["opening"], wanted.bank, row["door"], row["parcel"])


@asked_by(Proof.DEVICE)
def take(tx: Tx, *, parcel: str, caller: Caller, request: str) -> Opening:
    """Its owner collects a parcel, with the phone.

    Refuses: parcel_unknown, parcel_gone, locker_close_first, door_busy, locker_away.
    """
    known = earlier(tx, request, caller.member, parcel=parcel, why="take")
    return known or _take(tx, own(tx, parcel, caller), "owner", request, caller.member)


@asked_by("code")
def take_by_code(tx: Tx, *, seed: str, request: str) -> Opening:
    """Somebody shows the QR of a collect code that has been found genuine. Refuses like `take`."""
    row = tx.one("SELECT c.shared, p.* FROM parcel_codes c JOIN parcels p ON p.parcel=c.parcel WHERE c.seed=?", seed)
    known = earlier(tx, request, None, why="take", **({"parcel": row["parcel"]} if row is not None else {}))
    if known is not None:
        return known
    if row is None:
        raise tx.refuse("parcel_unknown")
    return _take(tx, row, "shared_code" if row["shared"] else "code", request, None)


@asked_by("code")
def take_by_digits(tx: Tx, *, codes: Codes, bank: str, digits: str, request: str, place: CodeEntry) -> Opening | None:
    """Somebody enters six digits at a bank. None where they open nothing there: that is noted, and slows the next try
    of the same keypad or phone, and of no other.

    Refuses parcel_wait while that place has to wait, and otherwise like `take`.
    """
    # Not by the digits: an answer to wrong ones that counts no try would have them guessed.
    known = earlier(tx, request, None, bank=bank, why="take")
    if known is not None:
        return known
    doors_of(tx, bank)
    found = entered(tx, codes, bank, digits, place)
    return take_by_code(tx, seed=found, request=request) if found is not None else None


def _take(tx: Tx, parcel: sqlite3.Row, by: By, request: str, member: str | None) -> Opening:
    state = parcel["state"]
    if state in ENDED or (state == "emptied" and tx.now - parcel["changed_ms"] > rules_of(tx).grace_ms):
        raise tx.refuse("parcel_gone", parcel=parcel["parcel"])
    if state == "filling":
        raise tx.refuse("locker_close_first", bank=parcel["bank"], door=parcel["door"])
    if state not in (*HELD, "emptied", "taking"):
        raise tx.refuse("door_busy", bank=parcel["bank"], door=parcel["door"])
    door = door_of(tx, parcel["bank"], parcel["door"])
    return open_door(tx, door, "take", by, request, parcel=parcel["parcel"], member=member)


@asked_by(Proof.DEVICE)
def add_more(tx: Tx, *, parcel: str, caller: Caller, request: str) -> Opening:
    """Within the grace minute after closing, whoever put the parcel in opens the door once more.

    Refuses: parcel_unknown, grace_over, door_busy, locker_away.
    """
    known = earlier(tx, request, caller.member, parcel=parcel, why="fill")
    if known is not None:
        return known
    row = own(tx, parcel, caller)
    late = tx.now - row["changed_ms"] > rules_of(tx).grace_ms
    if row["state"] not in ("kept", "unsure") or late or row["filler"] is not None:
        raise tx.refuse("grace_over", parcel=parcel)
    return open_door(
        tx, door_of(tx, row["bank"], row["door"]), "fill", "owner", request, parcel=row["parcel"], member=caller.member
    )


@asked_by(Proof.DEVICE)
def confirm(tx: Tx, *, parcel: str, caller: Caller) -> None:
    """The shopper says that it is in and the door is closed; said too late it changes nothing.

    Refuses locker_close_first while it is open.
    """
    row = own(tx, parcel, caller)
    if door_of(tx, row["bank"], row["door"]).shut == "open":
        raise tx.refuse("locker_close_first", bank=row["bank"], door=row["door"])
    if row["state"] in ASKED:
        move(tx, row, "confirmed")


@asked_by(Proof.DEVICE)
def withdraw(tx: Tx, *, parcel: str, caller: Caller) -> None:
    """The shopper says that nothing was put in; the door is anybody's again. Only while the sensor agrees."""
    move(tx, own(tx, parcel, caller), "withdrawn")


@asked_by(Proof.DEVICE)
def share(tx: Tx, *, codes: Codes, parcel: str, caller: Caller, request: str) -> str:
    """A second collect code, to give away: its seed. The record will say that a shared code was used."""
    row = own(tx, parcel, caller)
    if row["state"] in ENDED:
        raise tx.refuse("parcel_gone", parcel=parcel)
    earlier = tx.one("SELECT seed FROM parcel_codes WHERE parcel=? AND shared", parcel)
    if earlier is not None:
        return str(earlier["seed"])
    seed = _fresh(tx, codes, row["bank"], request)
    tx.emit(ParcelShared(parcel=parcel, member=caller.member, seed=seed))
    return seed


@asked_by(Proof.DEVICE)
def unshare(tx: Tx, *, parcel: str, caller: Caller) -> None:
    """What was shared is good no more."""
    own(tx, parcel, caller)
    if tx.one("SELECT 1 FROM parcel_codes WHERE parcel=? AND shared", parcel) is not None:
        tx.emit(ParcelShareEnded(parcel=parcel, member=caller.member))


def _fresh(tx: Tx, codes: Codes, bank: str, request: str) -> str:
    """A seed that was none before, whatever the same request asked for; nothing at this bank has its six digits."""
    taken = {codes.digits(row["seed"]) for row in tx.all(SEEDS, bank)}
    asked = f"{request} {tx.now}"
    return next(seed for seed in (codes.seed(asked, n) for n in range(1000)) if codes.digits(seed) not in taken)
