"""Whose a phone number is: whoever proved it last, for a while. A number that was only typed belongs to nobody.

Persons that nobody ever acted for (imported, from before numbers were proven, or made for an order that staff put in)
wait for their number: whoever proves it is they.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members import families, sessions
from edge.domain.members.families import MembersLinked
from edge.domain.members.members import SealedPhone
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx


class NumberProven(Fact, frozen=True, tag="number.proven.v1"):
    """A member has this number: a code that was sent to it came back from the member's phone."""

    member: str
    session: str


class MemberAwaited(Fact, frozen=True, tag="member.awaited.v1"):
    """Something is kept for a number that nobody has proven: it belongs to this person, whoever that will be."""

    member: str
    phone_sealed: str
    staff: str


class MemberImported(Fact, frozen=True, tag="member.imported.v1"):
    """A member of before, taken over from a list: theirs who prove the number or show the card."""

    member: str
    phone_sealed: str
    card: bool = False
    """Whether the old card is known (`Tx.keep_card`)."""
    points: int = 0
    """What the old books say; the opening entry of the ledger."""
    source: str = ""
    """The list, as whoever imported it called it."""


@asked_by(Proof.DEVICE)
def prove(tx: Tx, *, caller: Caller, index: str, proof_ms: int) -> bool:
    """A code that was sent to the caller's number came back: the number is the caller's. Returns whether somebody whom
    the store knew before is one with the caller now.

    Whoever proved the same number less than `proof_ms` ago is the same person; longer ago it may have been somebody
    else. Refuses: not_registered, bad_request, too_many_phones.
    """
    row = tx.one("SELECT number FROM person_numbers WHERE subject=?", caller.member)
    if row is None or sessions.find(tx, caller.session) is None:
        raise tx.refuse("not_registered")
    if row["number"] != index:
        raise tx.refuse("bad_request", field="phone")
    tx.emit(NumberProven(member=caller.member, session=caller.session))
    same = [waiting["member"] for waiting in _waiting(tx, index, proof_ms)]
    owner = owner_of(tx, index, tx.now, proof_ms)
    for kin in ([owner] if owner else []) + same:
        families.link(tx, MembersLinked(member=caller.member, kin=kin, how="number", session=caller.session))
    return bool(tx.emitted[1:])


def owner_of(reads: Reads, index: str, now: int, proof_ms: int) -> str | None:
    """Who proved that number last, not longer than `proof_ms` ago."""
    row = reads.one(
        "SELECT n.member, n.proven_ms FROM person_numbers p JOIN numbers n ON n.member=p.subject WHERE p.number=?"
        " ORDER BY n.place DESC LIMIT 1",
        index,
    )
    # A proof that seems to lie ahead is one whose age nobody knows.
    fresh = row is not None and 0 <= now - row["proven_ms"] <= proof_ms
    return str(row["member"]) if row is not None and fresh else None


@asked_by("part")
def recipient(tx: Tx, sealed: SealedPhone, *, staff: str, proof_ms: int) -> tuple[str, bool]:
    """For whom staff put something in, by number: who has proven it; otherwise the person who waits for that number.

    Returns whether the number is proven too. Refuses customer_unknown where nobody ever named the number.
    """
    owner = owner_of(tx, sealed.index, tx.now, proof_ms)
    if owner is not None:
        return owner, True
    waiting = _waiting(tx, sealed.index, proof_ms)
    if waiting:
        return str(waiting[0]["member"]), False
    if tx.one("SELECT 1 FROM person_numbers WHERE number=?", sealed.index) is None:
        raise tx.refuse("customer_unknown")
    tx.keep_key(sealed.member, sealed.wrapped_key)
    tx.keep_number(sealed.member, sealed.index)
    fact = MemberAwaited(member=sealed.member, phone_sealed=sealed.sealed, staff=staff)
    tx.emit(fact)
    return sealed.member, False


def _waiting(tx: Tx, index: str, proof_ms: int) -> list[sqlite3.Row]:
    """Persons with that number whom nobody ever acted for; not who typed it long ago: it may be another's now."""
    return tx.all(
        "SELECT m.member FROM person_numbers p JOIN members m ON m.member=p.subject WHERE p.number=?1 AND m.acted=0"
        " AND (m.touchpoint IS NULL OR m.named_ms>=?2)"
        " AND NOT EXISTS (SELECT 1 FROM kin k WHERE k.member=m.member AND k.other<>m.member) ORDER BY m.member",
        index,
        tx.now - proof_ms,
    )


def _proven(rows: Rows, entry: Entry, fact: NumberProven) -> None:
    rows.run("INSERT OR REPLACE INTO numbers VALUES (?,?,?)", (fact.member, entry.wall_ms, entry.sequence))
    rows.run("UPDATE sessions SET proven_ms=? WHERE session=?", (entry.wall_ms, fact.session))


def _unseen(rows: Rows, entry: Entry, fact: MemberAwaited | MemberImported) -> None:
    rows.run(
        "INSERT INTO members (member, phone_sealed, service, marketing, acted, registered_ms, named_ms)"
        " VALUES (?1,?2,0,0,0,?3,?3)",
        (fact.member, fact.phone_sealed, entry.wall_ms),
    )
    rows.run("INSERT INTO kin VALUES (?1,?1,0,NULL)", (fact.member,))
    if isinstance(fact, MemberImported):
        rows.run("INSERT INTO imported VALUES (?,?,?)", (fact.member, fact.card, fact.points))


SCHEMA: Final = """
CREATE TABLE numbers (member TEXT PRIMARY KEY, proven_ms INTEGER, place INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE imported (member TEXT PRIMARY KEY, card INTEGER, points INTEGER) STRICT, WITHOUT ROWID;
"""
APPLIES: Final[Applies] = {NumberProven: _proven, MemberAwaited: _unseen, MemberImported: _unseen}
