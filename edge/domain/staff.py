"""Staff: who may act in the store, by PIN; what they did. A PIN's hash is a secret of the box and never a fact.

Wrong PINs make the next try wait, longer each time, and a restart does not make it shorter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from edge.domain.callers import asked_by
from edge.domain.needs import LOOK, Need
from edge.journal import Entry, Fact, Noun, Reads, Rows, Tx

Role = Literal["staff", "manager"]

FREE_TRIES: Final = 3
"""So many wrong PINs in a row cost nothing: fingers slip."""
FIRST_DELAY_MS: Final = 15_000
LONGEST_DELAY_MS: Final = 15 * 60_000
SESSION_MS: Final = 12 * 3600_000
"""A shift: after that the PIN is asked for again."""


class StaffAppointed(Fact, frozen=True, tag="staff.appointed.v1"):
    """This person may act in the store."""

    staff: str
    name: str
    role: Role
    key: str
    """Names the PIN without telling it: another key ends the sessions that the old PIN opened."""


class StaffDismissed(Fact, frozen=True, tag="staff.dismissed.v1"):
    """This person may act in the store no more."""

    staff: str


class StaffLoggedIn(Fact, frozen=True, tag="staff.logged_in.v1"):
    """The PIN was right."""

    staff: str
    session: str


class StaffLoginFailed(Fact, frozen=True, tag="staff.login_failed.v1"):
    """The PIN was wrong."""

    staff: str
    failures: int
    """How many in a row."""
    delay_ms: int
    """How long this person's next try has to wait."""


class StaffLoggedOut(Fact, frozen=True, tag="staff.logged_out.v1"):
    """The session ended."""

    staff: str
    session: str


class StaffActed(Fact, frozen=True, tag="staff.acted.v1"):
    """Somebody did something at the staff page: who, what, to what, and why where a reason was asked for."""

    staff: str
    action: str
    target: str
    reason: str
    request: str
    ref: str
    """The job or the command that shows how it ended; empty where the act was its own end."""


class Person(msgspec.Struct, frozen=True):
    """Who is logged in."""

    staff: str
    name: str
    role: Role
    session: str


class Member(msgspec.Struct, frozen=True):
    """A member of staff as the box's secrets name them."""

    staff: str
    name: str
    role: Role
    key: str


@asked_by("store")
def appoint(tx: Tx, people: Sequence[Member], *, whole: bool = True) -> None:
    """Take over who is staff; only what differs becomes a fact.

    Who is missing in a list that is not `whole` is not dismissed: its file may have been lost.
    """
    known = {row["staff"]: row for row in tx.all("SELECT staff, name, role, key FROM staff")}
    for person in people:
        row = known.pop(person.staff, None)
        if row is None or (row["name"], row["role"], row["key"]) != (person.name, person.role, person.key):
            tx.emit(StaffAppointed(staff=person.staff, name=person.name, role=person.role, key=person.key))
    for gone in known if whole else ():
        tx.emit(StaffDismissed(staff=gone))


def may_try(reads: Reads, staff: str, now: int) -> int:
    """How many milliseconds this person's next PIN has to wait; 0 is none."""
    row = reads.one("SELECT delay_ms, failed_ms FROM staff WHERE staff=?", staff)
    if row is None or not row["delay_ms"]:
        return 0
    passed = now - row["failed_ms"]
    # A clock that was set back must not open the door early, nor keep it shut for days.
    return int(row["delay_ms"] - passed) if 0 <= passed <= row["delay_ms"] else 0 if passed > 0 else row["delay_ms"]


@asked_by("staff")
def log_in(tx: Tx, *, staff: str, key: str, session: str) -> Person:
    """Open a session for somebody whose PIN was right. Refuses: pin_wrong, pin_locked."""
    row = tx.one("SELECT * FROM staff WHERE staff=?", staff)
    if row is None or row["key"] != key:
        raise tx.refuse("pin_wrong")
    _not_locked(tx, staff)
    tx.emit(StaffLoggedIn(staff=staff, session=session))
    return Person(staff, row["name"], row["role"], session)


@asked_by("anyone")
def fail(tx: Tx, *, staff: str) -> int:
    """Record a wrong PIN. Returns how many milliseconds the next try has to wait. Refuses: pin_wrong, pin_locked."""
    row = tx.one("SELECT failures FROM staff WHERE staff=?", staff)
    if row is None:
        raise tx.refuse("pin_wrong")
    _not_locked(tx, staff)
    failures = row["failures"] + 1
    beyond = failures - FREE_TRIES
    delay = min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** min(beyond, 20)) if beyond >= 0 else 0
    tx.emit(StaffLoginFailed(staff=staff, failures=failures, delay_ms=delay))
    return delay


def _not_locked(tx: Tx, staff: str) -> None:
    left = may_try(tx, staff, tx.now)
    if left:
        raise tx.refuse("pin_locked", seconds=-(-left // 1000))


@asked_by("staff")
def log_out(tx: Tx, *, session: str) -> bool:
    """End a session. False where it had ended."""
    row = tx.one("SELECT staff FROM staff_sessions WHERE session=?", session)
    if row is None:
        return False
    tx.emit(StaffLoggedOut(staff=row["staff"], session=session))
    return True


def who(reads: Reads, session: str, now: int) -> Person | None:
    """Who this session belongs to, while it lasts and its owner is staff."""
    row = reads.one(
        "SELECT s.staff, s.name, s.role, t.since_ms FROM staff_sessions t JOIN staff s ON s.staff=t.staff"
        " WHERE t.session=?",
        session,
    )
    if row is None or not 0 <= now - row["since_ms"] + 60_000 <= SESSION_MS:
        return None
    return Person(row["staff"], row["name"], row["role"], session)


def people(reads: Reads) -> list[sqlite3.Row]:
    """All staff: staff, name, role."""
    return reads.all("SELECT staff, name, role FROM staff ORDER BY name, staff")


@asked_by("staff")
def acted(tx: Tx, *, staff: str, action: str, target: str, request: str, reason: str = "", ref: str = "") -> bool:
    """Record an act beside the facts that it brought about. False when this request was recorded before."""
    if tx.one("SELECT 1 FROM staff_acts WHERE request=?", request) is not None:
        return False
    tx.emit(StaffActed(staff=staff, action=action, target=target, reason=reason, request=request, ref=ref))
    return True


def done_before(reads: Reads, request: str) -> sqlite3.Row | None:
    """What this request did, when it was sent before: a form that is sent twice acts once."""
    return reads.one("SELECT * FROM staff_acts WHERE request=?", request)


def acts(reads: Reads, limit: int) -> list[sqlite3.Row]:
    """The newest acts first: staff, name, action, target, reason, ref, at_ms, request."""
    return reads.all(
        "SELECT a.*, coalesce(s.name, a.staff) AS name FROM staff_acts a LEFT JOIN staff s ON s.staff=a.staff"
        " ORDER BY a.place DESC LIMIT ?",
        limit,
    )


def needs(reads: Reads, now: int) -> list[Need]:
    """Somebody guesses PINs, or has forgotten theirs."""
    return [
        Need(
            id=f"pin/{row['staff']}",
            urgency=LOOK,
            device="",
            kind="pin_locked",
            since_ms=row["failed_ms"],
            details={"name": row["name"], "failures": row["failures"]},
        )
        for row in reads.all("SELECT * FROM staff WHERE delay_ms > 0 ORDER BY staff")
        if may_try(reads, row["staff"], now)
    ]


def _appointed(rows: Rows, _: Entry, fact: StaffAppointed) -> None:
    rows.run(
        "DELETE FROM staff_sessions WHERE staff=?1 AND (SELECT key FROM staff WHERE staff=?1) IS NOT ?2",
        (fact.staff, fact.key),
    )
    rows.run(
        "INSERT INTO staff VALUES (?,?,?,?,0,0,0) ON CONFLICT (staff) DO UPDATE SET"
        " failures=iif(key=excluded.key, failures, 0), delay_ms=iif(key=excluded.key, delay_ms, 0),"
        " name=excluded.name, role=excluded.role, key=excluded.key",
        (fact.staff, fact.name, fact.role, fact.key),
    )


def _dismissed(rows: Rows, _: Entry, fact: StaffDismissed) -> None:
    rows.run("DELETE FROM staff WHERE staff=?", (fact.staff,))
    rows.run("DELETE FROM staff_sessions WHERE staff=?", (fact.staff,))


def _logged_in(rows: Rows, entry: Entry, fact: StaffLoggedIn) -> None:
    rows.run("UPDATE staff SET failures=0, delay_ms=0, failed_ms=0 WHERE staff=?", (fact.staff,))
    rows.run("DELETE FROM staff_sessions WHERE since_ms < ?", (entry.wall_ms - SESSION_MS,))
    rows.run("INSERT OR REPLACE INTO staff_sessions VALUES (?,?,?)", (fact.session, fact.staff, entry.wall_ms))


def _login_failed(rows: Rows, entry: Entry, fact: StaffLoginFailed) -> None:
    rows.run(
        "UPDATE staff SET failures=?, delay_ms=?, failed_ms=? WHERE staff=?",
        (fact.failures, fact.delay_ms, entry.wall_ms, fact.staff),
    )


def _logged_out(rows: Rows, _: Entry, fact: StaffLoggedOut) -> None:
    rows.run("DELETE FROM staff_sessions WHERE session=?", (fact.session,))


def _acted(rows: Rows, entry: Entry, fact: StaffActed) -> None:
    rows.run(
        "INSERT INTO staff_acts VALUES (?,?,?,?,?,?,?,?)",
        (
            fact.request,
            fact.staff,
            fact.action,
            fact.target,
            fact.reason,
            fact.ref,
            entry.wall_ms,
            entry.sequence,
        ),
    )


def described(row: sqlite3.Row) -> dict[str, Any]:
    """An act as pages show it."""
    return {name: row[name] for name in ("staff", "name", "action", "target", "reason", "ref", "at_ms", "request")}


NOUN = Noun(
    name="staff",
    schema="""
CREATE TABLE staff (
    staff TEXT PRIMARY KEY, name TEXT, role TEXT, key TEXT, failures INTEGER, delay_ms INTEGER,
    failed_ms INTEGER) STRICT;
CREATE TABLE staff_sessions (session TEXT PRIMARY KEY, staff TEXT, since_ms INTEGER) STRICT;
CREATE TABLE staff_acts (
    request TEXT PRIMARY KEY, staff TEXT, action TEXT, target TEXT, reason TEXT, ref TEXT, at_ms INTEGER,
    place INTEGER) STRICT;
CREATE INDEX newest_acts ON staff_acts (place);
""",
    facts={
        StaffAppointed: _appointed,
        StaffDismissed: _dismissed,
        StaffLoggedIn: _logged_in,
        StaffLoginFailed: _login_failed,
        StaffLoggedOut: _logged_out,
        StaffActed: _acted,
    },
)
