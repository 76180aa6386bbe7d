"""How persons become one: the old phone lets the new one in, or staff confirm it; and how that is taken back."""

from __future__ import annotations

import sqlite3

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members import families, sessions
from edge.domain.members.families import UNDO_MS, Evidence, MembersLinked, MembersParted
from edge.domain.members.members import Browser
from edge.journal import Reads, Tx

DAY_MS = 24 * 3600_000


@asked_by(Proof.DEVICE)
def let_in(tx: Tx, *, caller: Caller, asking: Browser) -> str:
    """The caller allows another phone to act for the same member. Returns that phone's session.

    A phone that had registered keeps its person and its session, and both persons are one from then on.
    Refuses: not_registered, too_many_phones.
    """
    if sessions.find(tx, caller.session) is None:
        raise tx.refuse("not_registered")
    own = sessions.find(tx, asking.caller.session) if asking.caller else None
    if own is not None:
        fact = MembersLinked(member=own["member"], kin=caller.member, how="phone", session=own["session"])
        families.link(tx, fact)
        return str(own["session"])
    if len(sessions.mine(tx, caller, tx.now)) >= families.MOST:
        raise tx.refuse("too_many_phones", most=families.MOST)
    sessions.begin(tx, member=caller.member, session=asking.session, browser=asking.name, agent=asking.agent)
    return asking.session


@asked_by("staff")
def confirm(tx: Tx, *, staff: str, session: str, owner: str, evidence: Evidence, most: int) -> bool:
    """Staff confirm, by something that the person has, that the phone of that session is the owner's too.

    It opens nothing that was put in before, every other phone of the owner is told, and it can be taken back for a day.
    False where both were one already. Refuses: not_registered, confirms_used_up, too_many_phones.
    """
    row = sessions.find(tx, session)
    if row is None:
        raise tx.refuse("not_registered")
    used = tx.one("SELECT count(*) AS n FROM links WHERE how='staff' AND staff=? AND at_ms>?", staff, tx.now - DAY_MS)
    if used is not None and used["n"] >= most:
        raise tx.refuse("confirms_used_up", most=most)
    fact = MembersLinked(member=row["member"], kin=owner, how="staff", session=session, staff=staff, evidence=evidence)
    families.link(tx, fact)
    return bool(tx.emitted)


@asked_by(Proof.DEVICE)
def take_back(tx: Tx, *, caller: Caller, link: str) -> None:
    """The owner says that it was not them: each has its own things again. Refuses: not_found, undo_over."""
    row = _fresh(tx, link)
    if row["kin"] not in families.firm(tx, caller.member, tx.now):
        raise tx.refuse("not_found")  # who was let in by staff does not decide about it
    tx.emit(MembersParted(member=row["member"], kin=row["kin"], link=link, by="kin"))


@asked_by("staff")
def take_back_by_staff(tx: Tx, *, link: str, staff: str) -> None:
    """A manager takes back what staff confirmed. Refuses: not_found, undo_over."""
    row = _fresh(tx, link)
    tx.emit(MembersParted(member=row["member"], kin=row["kin"], link=link, by=staff))


def _fresh(tx: Tx, link: str) -> sqlite3.Row:
    row = tx.one("SELECT * FROM links WHERE link=? AND how='staff' AND parted_ms IS NULL", link)
    if row is None:
        raise tx.refuse("not_found")
    if tx.now - row["at_ms"] > UNDO_MS:
        raise tx.refuse("undo_over")
    return row


def told(reads: Reads, member: str, since_ms: int) -> list[sqlite3.Row]:
    """What a member's phones are told: who was let in by staff or by a number, the newest first."""
    return reads.all(
        "SELECT l.*, s.agent FROM notices n JOIN links l ON l.link=n.link LEFT JOIN sessions s ON s.session=l.session"
        " WHERE n.member=? AND n.at_ms>=? ORDER BY n.at_ms DESC, l.link",
        member,
        since_ms,
    )


def confirmed(reads: Reads, since_ms: int) -> list[sqlite3.Row]:
    """What staff confirmed since then and nobody took back, the newest first."""
    return reads.all(
        "SELECT l.*, coalesce(s.name, l.staff) AS name FROM links l LEFT JOIN staff s ON s.staff=l.staff"
        " WHERE l.how='staff' AND l.parted_ms IS NULL AND l.at_ms>=? ORDER BY l.at_ms DESC, l.link",
        since_ms,
    )
