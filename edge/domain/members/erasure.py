"""A person asks to be forgotten: at once, or as soon as nothing of theirs is in a locker and no cart is out.

What opens and what finds the person is destroyed beside the journal. Facts keep a random id and sealed bytes that
nobody can open or match any more; counts and money stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members import families, sessions
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

By = Literal["member", "operator", "list"]
"""The person; whoever runs the box, for a person who asked; the list of erasures, after a restore."""


class ErasureAsked(Fact, frozen=True, tag="member.erasure_asked.v1"):
    """This person is to be erased as soon as nothing of theirs is in the store any more."""

    member: str
    by: By
    request: str


class ErasureDropped(Fact, frozen=True, tag="member.erasure_dropped.v1"):
    """The person wants to stay after all."""

    member: str
    request: str


class MemberErased(Fact, frozen=True, tag="member.erased.v1"):
    """The person is forgotten: their key, their number's index, their sessions and codes are destroyed."""

    member: str
    by: By
    request: str


class Hold(msgspec.Struct, frozen=True):
    """What has to end first."""

    kind: Literal["cart", "parcel"]
    device: str
    """The cart, or the bank."""
    door: str = ""


class Erasing(msgspec.Struct, frozen=True):
    """What came of asking."""

    erased: tuple[str, ...]
    """The persons that are gone; empty where it waits."""
    holds: tuple[Hold, ...] = ()


@asked_by(Proof.DEVICE)
def ask(tx: Tx, *, caller: Caller, patient: bool, request: str) -> Erasing:
    """Erase the caller, with every other phone's person that is the same one.

    Where something of theirs is in the store it waits for that with `patient`, and is refused without: erase_waits.
    Refuses: not_registered, erase_waits.
    """
    family = families.firm(tx, caller.member, tx.now)
    if not family:
        raise tx.refuse("not_registered")
    return _ask(tx, family, patient=patient, by="member", request=request)


@asked_by(Proof.DEVICE)
def drop(tx: Tx, *, caller: Caller, request: str) -> bool:
    """Stay after all. False where nothing was asked."""
    family = families.firm(tx, caller.member, tx.now)
    asked = [row["member"] for row in tx.all("SELECT member FROM erasures_asked") if row["member"] in family]
    for member in asked:
        tx.emit(ErasureDropped(member=member, request=request))
    return bool(asked)


@asked_by("store")
def ask_for(tx: Tx, *, members: Sequence[str], patient: bool, request: str) -> Erasing:
    """Erase persons on behalf of one who asked whoever runs the box. Refuses: customer_unknown, erase_waits."""
    family = sorted({person for member in members for person in families.firm(tx, member, tx.now)})
    if not family:
        raise tx.refuse("customer_unknown")
    return _ask(tx, family, patient=patient, by="operator", request=request)


@asked_by("store")
def tend(tx: Tx) -> None:
    """Erase those who asked and of whom nothing is in the store any more."""
    for row in tx.all("SELECT * FROM erasures_asked"):
        family = families.firm(tx, row["member"], tx.now)
        if family and not holds(tx, family):
            _erase(tx, family, by=row["by"], request=row["request"])


@asked_by("store")
def carry_out_again(tx: Tx, listed: Iterable[str]) -> int:
    """After a restore: erase once more whoever is on the list and in this journal. Returns how many."""
    back = [member for member in listed if _is_back(tx, member)]
    _erase(tx, back, by="list", request="")
    return len(back)


def holds(reads: Reads, family: Sequence[str]) -> tuple[Hold, ...]:
    """What of these persons is in the store: carts that are out, parcels behind doors."""
    found: list[Hold] = []
    for member in family:
        carts = reads.all("SELECT cart FROM carts WHERE member=? ORDER BY cart", member)
        found += [Hold("cart", row["cart"]) for row in carts]
        parcels = reads.all(
            # What was emptied is out, though its door would open once more for a minute.
            "SELECT bank, door FROM parcels WHERE member=?"
            " AND state NOT IN ('cancelled', 'emptied', 'collected', 'cleared')"
            " ORDER BY bank, door",
            member,
        )
        found += [Hold("parcel", row["bank"], row["door"]) for row in parcels]
    return tuple(found)


def asked_ms(reads: Reads, family: Sequence[str]) -> int | None:
    """Since when an erasure waits; none where none was asked."""
    found = [row["at_ms"] for row in reads.all("SELECT member, at_ms FROM erasures_asked") if row["member"] in family]
    return min(found, default=None)


def erased(reads: Reads) -> list[str]:
    """Everybody whom this journal calls erased, in order."""
    return [row["member"] for row in reads.all("SELECT member FROM erased ORDER BY place")]


def _ask(tx: Tx, family: Sequence[str], *, patient: bool, by: By, request: str) -> Erasing:
    held = holds(tx, family)
    if not held:
        _erase(tx, family, by=by, request=request)
        return Erasing(tuple(family))
    if not patient:
        raise tx.refuse("erase_waits", count=len(held))
    if asked_ms(tx, family) is None:
        tx.emit(ErasureAsked(member=family[0], by=by, request=request))
    return Erasing((), held)


def _erase(tx: Tx, family: Sequence[str], *, by: By, request: str) -> None:
    for member in family:
        for row in tx.all("SELECT * FROM sessions WHERE member=?", member):
            sessions.finish(tx, row, "erased")
        tx.destroy_person(member)
        tx.emit(MemberErased(member=member, by=by, request=request))


def _is_back(tx: Tx, member: str) -> bool:
    """Whether something of an erased person is there again."""
    return any(
        tx.one(f"SELECT 1 FROM {table} WHERE {column}=?", member)  # noqa: S608 - the names below
        for table, column in (("person_keys", "subject"), ("person_numbers", "subject"), ("members", "member"))
    )


def _erased(rows: Rows, entry: Entry, fact: MemberErased) -> None:
    families.forget(rows, fact.member)
    for table in ("members", "sessions", "passes", "numbers", "imported", "consents", "erasures_asked"):
        rows.run(f"DELETE FROM {table} WHERE member=?", (fact.member,))  # noqa: S608 - our own tables
    rows.run("INSERT OR IGNORE INTO erased VALUES (?,?)", (fact.member, entry.sequence))


def _asked(rows: Rows, entry: Entry, fact: ErasureAsked) -> None:
    asked = (fact.member, fact.by, fact.request, entry.wall_ms)
    rows.run("INSERT OR IGNORE INTO erasures_asked VALUES (?,?,?,?)", asked)


def _dropped(rows: Rows, _: Entry, fact: ErasureDropped) -> None:
    rows.run("DELETE FROM erasures_asked WHERE member=?", (fact.member,))


SCHEMA: Final = """
CREATE TABLE erasures_asked (member TEXT PRIMARY KEY, by TEXT, request TEXT, at_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE erased (member TEXT PRIMARY KEY, place INTEGER) STRICT, WITHOUT ROWID;
"""
APPLIES: Final[Applies] = {ErasureAsked: _asked, ErasureDropped: _dropped, MemberErased: _erased}
