"""Which browsers act for which member. A session is a row made and ended by facts; its cookie is only its name."""

from __future__ import annotations

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members import queries as member_queries
from edge.domain.members.facts import EndReason, SessionEnded, SessionOpened, SessionPassIssued
from edge.domain.members.passes import Pass
from edge.domain.members.queries import code_used, sessions_of
from edge.domain.members.rules import LIFE_MS, Session
from edge.journal import Tx


@asked_by("part")
def begin(tx: Tx, *, member: str, session: str, browser: str, agent: str = "") -> None:
    """Let a browser in."""
    proof = Proof.DEVICE.value
    tx.emit(SessionOpened(member=member, session=session, browser=browser, proof=proof, agent=agent[:40]))


@asked_by("part")
def finish(tx: Tx, row: Session, why: EndReason) -> None:
    """End the session of that row."""
    tx.emit(SessionEnded(member=row.member, session=row.session, why=why))


@asked_by("store")
def on_tick(tx: Tx) -> None:
    """End what is too old to act for anybody."""
    rows = tx.all("SELECT session FROM sessions WHERE opened_ms<=? ORDER BY opened_ms LIMIT 100", tx.now - LIFE_MS)
    for each in rows:
        if (row := member_queries.session(tx, each["session"])) is not None:
            finish(tx, row, "over")


@asked_by(Proof.DEVICE)
def leave(tx: Tx, *, caller: Caller) -> bool:
    """Log out here. False where the session had ended."""
    row = member_queries.session(tx, caller.session)
    if row is not None:
        finish(tx, row, "left")
    return row is not None


@asked_by(Proof.DEVICE)
def leave_everywhere(tx: Tx, *, caller: Caller) -> int:
    """Log out here and on every other phone of the member. Returns how many."""
    rows = sessions_of(tx, caller, tx.now)
    for row in rows:
        finish(tx, row, "left_everywhere")
    return len(rows)


@asked_by(Proof.DEVICE)
def end_session(tx: Tx, *, caller: Caller, session: str) -> None:
    """Log another phone of the member out, or this one; one that is out already stays so. Refuses: not_found."""
    if member_queries.session(tx, session) is None:
        return
    row = next((row for row in sessions_of(tx, caller, tx.now) if row.session == session), None)
    if row is None:
        raise tx.refuse("not_found")
    finish(tx, row, "left" if session == caller.session else "sent_away")


@asked_by("part")
def end_others(tx: Tx, caller: Caller, why: EndReason) -> None:
    """Every phone of the member but this one is logged out."""
    for row in sessions_of(tx, caller, tx.now):
        if row.session != caller.session:
            finish(tx, row, why)


@asked_by(Proof.DEVICE)
def issue_pass(tx: Tx, *, caller: Caller, fresh: str, anew: bool = False) -> str:
    """The browser's own pass, made on first use. `anew` replaces it and logs every other phone of the member out, so
    that no old code is good and none can be made any more. Refuses: not_registered.
    """
    if member_queries.session(tx, caller.session) is None:
        raise tx.refuse("not_registered")
    if anew:
        end_others(tx, caller, "codes_cancelled")
    row = tx.one("SELECT pass FROM passes WHERE session=?", caller.session)
    if row is not None and not anew:
        return str(row["pass"])
    tx.emit(SessionPassIssued(member=caller.member, session=caller.session, code_pass=fresh))
    return fresh


@asked_by("code")
def use_code(tx: Tx, shown: Pass, *, purpose: str, at: str) -> str:
    """Use a member's code up, in the decision that does what it was shown for: when that refuses, nothing is burned.

    Returns the member. Refuses: code_unknown, code_used, code_expired.
    """
    used = code_used(tx, shown, tx.now, purpose=purpose, at=at)
    tx.emit(used)
    return used.member
