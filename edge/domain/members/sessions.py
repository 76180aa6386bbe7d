"""Which browsers act for which member. A session is a row made and ended by facts; its cookie is only its name."""

from __future__ import annotations

import sqlite3
from typing import Final, Literal

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.members import families
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

LIFE_MS: Final = 180 * 24 * 3600_000
"""How long a browser stays logged in."""

Why = Literal["left", "left_everywhere", "sent_away", "replaced", "codes_cancelled", "undone", "erased"]
"""It logged out; all were logged out; another phone of the member ended it; the browser is somebody else now; another
phone cancelled the old codes; the link that let it in was taken back; the person was erased."""


class SessionOpened(Fact, frozen=True, tag="session.opened.v1"):
    """From now on this browser acts for this member."""

    member: str
    session: str
    browser: str
    proof: str
    agent: str = ""
    """What kind of phone, as its owner would tell it from another."""


class SessionEnded(Fact, frozen=True, tag="session.ended.v1"):
    """The browser acts for nobody any more; what it keeps of the session is worth nothing."""

    member: str
    session: str
    why: Why


@asked_by("part")
def begin(tx: Tx, *, member: str, session: str, browser: str, agent: str = "") -> None:
    """Let a browser in."""
    proof = Proof.DEVICE.value
    tx.emit(SessionOpened(member=member, session=session, browser=browser, proof=proof, agent=agent[:40]))


@asked_by("part")
def finish(tx: Tx, row: sqlite3.Row, why: Why) -> None:
    """End the session of that row."""
    tx.emit(SessionEnded(member=row["member"], session=row["session"], why=why))


@asked_by(Proof.DEVICE)
def leave(tx: Tx, *, caller: Caller) -> bool:
    """Log out here. False where the session had ended."""
    row = tx.one("SELECT * FROM sessions WHERE session=?", caller.session)
    if row is not None:
        finish(tx, row, "left")
    return row is not None


@asked_by(Proof.DEVICE)
def leave_everywhere(tx: Tx, *, caller: Caller) -> int:
    """Log out here and on every other phone of the member. Returns how many."""
    rows = mine(tx, caller, tx.now)
    for row in rows:
        finish(tx, row, "left_everywhere")
    return len(rows)


@asked_by(Proof.DEVICE)
def send_away(tx: Tx, *, caller: Caller, session: str) -> None:
    """Log another phone of the member out, or this one. Refuses: not_found."""
    row = next((row for row in mine(tx, caller, tx.now) if row["session"] == session), None)
    if row is None:
        raise tx.refuse("not_found")
    finish(tx, row, "left" if session == caller.session else "sent_away")


@asked_by("part")
def end_others(tx: Tx, caller: Caller, why: Why) -> None:
    """Every phone of the member but this one is logged out."""
    for row in mine(tx, caller, tx.now):
        if row["session"] != caller.session:
            finish(tx, row, why)


def mine(reads: Reads, caller: Caller, now: int) -> list[sqlite3.Row]:
    """The sessions that the caller may see and end, the newest first."""
    people = families.firm(reads, caller.member, now)
    marks = ",".join("?" * len(people))
    return reads.all(
        f"SELECT * FROM sessions WHERE member IN ({marks}) ORDER BY opened_ms DESC, session",  # noqa: S608
        *people,
    )


def find(reads: Reads, session: str) -> sqlite3.Row | None:
    """The session of that name, while it lasts: member, browser, opened_ms, proven_ms."""
    return reads.one("SELECT * FROM sessions WHERE session=?", session)


def _opened(rows: Rows, entry: Entry, fact: SessionOpened) -> None:
    rows.run(
        "INSERT INTO sessions VALUES (?,?,?,?,?,NULL)",
        (fact.session, fact.member, fact.browser, fact.agent, entry.wall_ms),
    )
    rows.run("UPDATE members SET acted=1 WHERE member=?", (fact.member,))


def _ended(rows: Rows, _: Entry, fact: SessionEnded) -> None:
    rows.run("DELETE FROM sessions WHERE session=?", (fact.session,))
    rows.run("DELETE FROM passes WHERE session=?", (fact.session,))


SCHEMA: Final = """
CREATE TABLE sessions (
    session TEXT PRIMARY KEY, member TEXT, browser TEXT, agent TEXT, opened_ms INTEGER,
    proven_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of ON sessions (member);
"""
APPLIES: Final[Applies] = {SessionOpened: _opened, SessionEnded: _ended}
