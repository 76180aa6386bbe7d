"""How persons become one: the old phone lets the new one in, or staff confirm it; and how that is taken back."""

from __future__ import annotations

import sqlite3

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members import queries as member_queries
from edge.domain.members.facts import Evidence, MembersLinked, MembersParted
from edge.domain.members.queries import family, firm, joined_firmly, related, sessions_of
from edge.domain.members.rules import DAY_MS, MAX_PERSONS, UNDO_MS, Browser
from edge.domain.members.sessions import begin
from edge.journal import Tx


@asked_by("part")
def link(tx: Tx, fact: MembersLinked) -> None:
    """Make two persons one; a proof makes firm what staff confirmed. Refuses: too_many_phones."""
    if joined_firmly(tx, fact.member, fact.kin):
        return
    if related(tx, fact.member, fact.kin):
        if fact.how == "staff":
            return
    elif len(family(tx, fact.member)) + len(family(tx, fact.kin)) > MAX_PERSONS:
        raise tx.refuse("too_many_phones", most=MAX_PERSONS)
    tx.emit(fact)


@asked_by(Proof.DEVICE)
def let_in(tx: Tx, *, caller: Caller, asking: Browser) -> str:
    """The caller allows another phone to act for the same member. Returns that phone's session.

    A phone that has registered, before it asked or since, keeps its person and its session, and both persons are one
    from then on. Refuses: not_registered, too_many_phones.
    """
    if member_queries.session(tx, caller.session) is None:
        raise tx.refuse("not_registered")
    own = member_queries.session(tx, asking.caller.session) if asking.caller else None
    own = own or member_queries.session_at(tx, asking.name)
    if own is not None:
        fact = MembersLinked(member=own.member, kin=caller.member, how="phone", session=own.session)
        link(tx, fact)
        return own.session
    if len(sessions_of(tx, caller, tx.now)) >= MAX_PERSONS:
        raise tx.refuse("too_many_phones", most=MAX_PERSONS)
    begin(tx, member=caller.member, session=asking.session, browser=asking.name, agent=asking.agent)
    return asking.session


@asked_by("staff")
def confirm(tx: Tx, *, staff: str, session: str, owner: str, evidence: Evidence, most: int) -> bool:
    """Staff confirm, by something that the person has, that the phone of that session is the owner's too.

    It opens nothing that was put in before, every other phone of the owner is told, and it can be taken back for a day.
    False where both were one already. Refuses: not_registered, confirms_used_up, too_many_phones.
    """
    row = member_queries.session(tx, session)
    if row is None:
        raise tx.refuse("not_registered")
    used = tx.one("SELECT count(*) AS n FROM links WHERE how='staff' AND staff=? AND at_ms>?", staff, tx.now - DAY_MS)
    if used is not None and used["n"] >= most:
        raise tx.refuse("confirms_used_up", most=most)
    fact = MembersLinked(member=row.member, kin=owner, how="staff", session=session, staff=staff, evidence=evidence)
    link(tx, fact)
    return bool(tx.emitted)


@asked_by(Proof.DEVICE)
def take_back(tx: Tx, *, caller: Caller, link: str) -> None:
    """The owner says that it was not them: each has its own things again.

    Refuses: not_found, page_outdated, undo_over.
    """
    row = _fresh(tx, link)
    if row["kin"] not in firm(tx, caller.member, tx.now):
        raise tx.refuse("not_found")  # who was let in by staff does not decide about it
    tx.emit(MembersParted(member=row["member"], kin=row["kin"], link=link, by="kin"))


@asked_by("staff")
def take_back_by_staff(tx: Tx, *, link: str, staff: str) -> None:
    """A manager takes back what staff confirmed. Refuses: not_found, page_outdated, undo_over."""
    row = _fresh(tx, link)
    tx.emit(MembersParted(member=row["member"], kin=row["kin"], link=link, by=staff))


def _fresh(tx: Tx, link: str) -> sqlite3.Row:
    row = tx.one("SELECT * FROM links WHERE link=? AND how='staff'", link)
    if row is None:
        raise tx.refuse("not_found")
    if row["parted_ms"] is not None or joined_firmly(tx, row["member"], row["kin"]):
        raise tx.refuse("page_outdated")  # taken back meanwhile, or proven by their own phones
    if tx.now - row["at_ms"] > UNDO_MS:
        raise tx.refuse("undo_over")
    return row
