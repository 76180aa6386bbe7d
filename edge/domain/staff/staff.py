"""Staff: who may act in the store, by PIN; what they did. A PIN's hash is a secret of the box and never a fact.

Operators, who look after the box by password, are people of the same kind with a role of their own. Wrong PINs make the
next try wait, longer each time (`edge.domain.staff.pin_tries`), and a restart does not make it shorter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from edge.domain.callers import asked_by
from edge.domain.needs import LOOK, Need
from edge.domain.staff.pin_tries import EVERYWHERE, HERE, Tries
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

Role = Literal["staff", "manager", "operator"]

ROLES: Final[frozenset[Role]] = frozenset({"staff", "manager", "operator"})
ANYWHERE: Final = ""
"""Names the count of a person's wrong tries at all strange places together."""
MOST_DEVICES: Final = 20
"""So many browsers of one person are remembered, the newest."""
SESSION_MS: Final = 12 * 3600_000
"""A shift: after that the PIN is asked for again."""
KEPT_MS: Final = 30 * 24 * 3600_000
"""A wrong try is forgotten for good."""


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
    """The PIN or the password was right."""

    staff: str
    session: str
    browser: str = ""
    """The browser's own name: from now on this person is known there."""


class StaffLoginFailed(Fact, frozen=True, tag="staff.login_failed.v1"):
    """The PIN was wrong."""

    staff: str
    failures: int
    """How many at this place count."""
    delay_ms: int
    """How long this person's next try there has to wait."""
    place: str = ANYWHERE
    """A browser that this person has used, or an address: keyed, so that it says nothing to others."""
    all_failures: int = 0
    """How many count at all strange places together; 0 where the browser is known."""
    all_delay_ms: int = 0


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
    key: str
    """Names the PIN or password that opened the session."""


class Member(msgspec.Struct, frozen=True):
    """A member of staff as the box's secrets name them."""

    staff: str
    name: str
    role: Role
    key: str


@asked_by("store")
def appoint(tx: Tx, people: Sequence[Member], *, whole: frozenset[Role] = ROLES) -> None:
    """Take over who is staff; only what differs becomes a fact.

    Who is missing is dismissed where the list of their role is `whole`; another one's file may have been lost.
    """
    known = {row["staff"]: row for row in tx.all("SELECT staff, name, role, key FROM staff")}
    for person in people:
        row = known.pop(person.staff, None)
        if row is None or (row["name"], row["role"], row["key"]) != (person.name, person.role, person.key):
            tx.emit(StaffAppointed(staff=person.staff, name=person.name, role=person.role, key=person.key))
    for gone, row in known.items():
        if row["role"] in whole:
            tx.emit(StaffDismissed(staff=gone))


class Place(msgspec.Struct, frozen=True):
    """Where somebody tries a PIN."""

    key: str
    """Names the browser or the address."""
    known: bool
    """Whether this person has used this very browser: what strangers do elsewhere is nothing to it."""


def place_of(reads: Reads, staff: str, browser: str, address: str) -> Place:
    """The browser, where this person has logged in at it before, or else the address."""
    if browser and reads.one("SELECT 1 FROM staff_browsers WHERE staff=? AND browser=?", staff, browser):
        return Place(f"browser:{browser}", known=True)
    return Place(f"address:{address}", known=False)


def may_try(reads: Reads, staff: str, place: Place, now: int) -> int:
    """How many milliseconds this person's next PIN there has to wait; 0 is none."""
    counts = [place.key] if place.known else [place.key, ANYWHERE]
    return max(_tries(reads, staff, count).wait(now) for count in counts)


def _tries(reads: Reads, staff: str, place: str) -> Tries:
    row = reads.one("SELECT failures, delay_ms, failed_ms FROM staff_tries WHERE staff=? AND place=?", staff, place)
    return Tries(row["failures"], row["delay_ms"], row["failed_ms"]) if row else Tries()


@asked_by("staff")
def log_in(tx: Tx, *, staff: str, key: str, session: str, place: Place, browser: str = "") -> Person:
    """Open a session for somebody whose PIN was right. Refuses: pin_wrong, pin_locked."""
    row = tx.one("SELECT * FROM staff WHERE staff=?", staff)
    if row is None or row["key"] != key:
        raise tx.refuse("pin_wrong")
    _not_locked(tx, staff, place)
    tx.emit(StaffLoggedIn(staff=staff, session=session, browser=browser))
    return Person(staff, row["name"], row["role"], session, key)


@asked_by("anyone")
def fail(tx: Tx, *, staff: str, place: Place) -> int:
    """Record a wrong PIN. Returns how many milliseconds the next try has to wait. Refuses: pin_wrong, pin_locked."""
    if tx.one("SELECT 1 FROM staff WHERE staff=?", staff) is None:
        raise tx.refuse("pin_wrong")
    _not_locked(tx, staff, place)
    here = _tries(tx, staff, place.key).failed(tx.now, HERE)
    everywhere = Tries() if place.known else _tries(tx, staff, ANYWHERE).failed(tx.now, EVERYWHERE)
    tx.emit(
        StaffLoginFailed(
            staff=staff,
            failures=here.failures,
            delay_ms=here.delay_ms,
            place=place.key,
            all_failures=everywhere.failures,
            all_delay_ms=everywhere.delay_ms,
        )
    )
    return max(here.delay_ms, everywhere.delay_ms)


def _not_locked(tx: Tx, staff: str, place: Place) -> None:
    left = may_try(tx, staff, place, tx.now)
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
        "SELECT s.staff, s.name, s.role, s.key, t.since_ms FROM staff_sessions t JOIN staff s ON s.staff=t.staff"
        " WHERE t.session=?",
        session,
    )
    if row is None or not 0 <= now - row["since_ms"] + 60_000 <= SESSION_MS:
        return None
    return Person(row["staff"], row["name"], row["role"], session, row["key"])


def sessions(reads: Reads, now: int) -> list[sqlite3.Row]:
    """Who is logged in where, the newest first: session, staff, name, role, since_ms, browser."""
    return reads.all(
        "SELECT t.session, t.since_ms, t.browser, s.staff, s.name, s.role FROM staff_sessions t"
        " JOIN staff s ON s.staff=t.staff WHERE t.since_ms > ? ORDER BY t.since_ms DESC, t.session",
        now - SESSION_MS,
    )


def known_at(reads: Reads, browser: str) -> list[sqlite3.Row]:
    """Who has logged in at this browser before: staff, name, role."""
    return reads.all(
        "SELECT s.staff, s.name, s.role FROM staff_browsers b JOIN staff s ON s.staff=b.staff WHERE b.browser=?"
        " ORDER BY s.name, s.staff",
        browser,
    )


def people(reads: Reads) -> list[sqlite3.Row]:
    """All staff but operators: staff, name, role."""
    return reads.all("SELECT staff, name, role FROM staff WHERE role <> 'operator' ORDER BY name, staff")


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
        for row in reads.all(
            "SELECT s.staff, s.name, max(t.failures) AS failures, max(t.failed_ms) AS failed_ms FROM staff_tries t"
            " JOIN staff s ON s.staff=t.staff WHERE t.delay_ms > 0 AND t.failed_ms + t.delay_ms > ?"
            " GROUP BY s.staff ORDER BY s.staff",
            now,
        )
    ]


def _appointed(rows: Rows, _: Entry, fact: StaffAppointed) -> None:
    _forget(rows, fact.staff, fact.key)
    rows.run("INSERT OR REPLACE INTO staff VALUES (?,?,?,?)", (fact.staff, fact.name, fact.role, fact.key))


def _forget(rows: Rows, staff: str, key: str = "") -> None:
    """What belongs to a PIN that is good no more; nothing where `key` still names it."""
    for table in ("staff_sessions", "staff_tries", "staff_browsers"):
        rows.run(
            f"DELETE FROM {table} WHERE staff=?1 AND (SELECT key FROM staff WHERE staff=?1) IS NOT ?2",  # noqa: S608 - our own names
            (staff, key),
        )


def _dismissed(rows: Rows, _: Entry, fact: StaffDismissed) -> None:
    _forget(rows, fact.staff)
    rows.run("DELETE FROM staff WHERE staff=?", (fact.staff,))


def _logged_in(rows: Rows, entry: Entry, fact: StaffLoggedIn) -> None:
    rows.run("DELETE FROM staff_sessions WHERE since_ms < ?", (entry.wall_ms - SESSION_MS,))
    rows.run(
        "INSERT OR REPLACE INTO staff_sessions VALUES (?,?,?,?)",
        (fact.session, fact.staff, entry.wall_ms, fact.browser),
    )
    if fact.browser:
        rows.run("INSERT OR REPLACE INTO staff_browsers VALUES (?,?,?)", (fact.staff, fact.browser, entry.sequence))
        rows.run(
            "DELETE FROM staff_browsers WHERE staff=?1 AND browser NOT IN"
            " (SELECT browser FROM staff_browsers WHERE staff=?1 ORDER BY place DESC LIMIT ?2)",
            (fact.staff, MOST_DEVICES),
        )


def _login_failed(rows: Rows, entry: Entry, fact: StaffLoginFailed) -> None:
    counts = {fact.place: (fact.failures, fact.delay_ms)}
    if fact.all_failures:
        counts[ANYWHERE] = (fact.all_failures, fact.all_delay_ms)
    for place, (failures, delay_ms) in counts.items():
        rows.run(
            "INSERT OR REPLACE INTO staff_tries VALUES (?,?,?,?,?)",
            (fact.staff, place, failures, delay_ms, entry.wall_ms),
        )
    # What every count has long forgotten needs no row.
    rows.run("DELETE FROM staff_tries WHERE failed_ms < ?", (entry.wall_ms - KEPT_MS,))


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


SCHEMA: Final = """
CREATE TABLE staff (staff TEXT PRIMARY KEY, name TEXT, role TEXT, key TEXT) STRICT;
CREATE TABLE staff_sessions (session TEXT PRIMARY KEY, staff TEXT, since_ms INTEGER, browser TEXT) STRICT;
CREATE TABLE staff_browsers (staff TEXT, browser TEXT, place INTEGER, PRIMARY KEY (staff, browser)) STRICT;
CREATE TABLE staff_tries (
    staff TEXT, place TEXT, failures INTEGER, delay_ms INTEGER, failed_ms INTEGER, PRIMARY KEY (staff, place)) STRICT;
CREATE TABLE staff_acts (
    request TEXT PRIMARY KEY, staff TEXT, action TEXT, target TEXT, reason TEXT, ref TEXT, at_ms INTEGER,
    place INTEGER) STRICT;
CREATE INDEX newest_acts ON staff_acts (place);
"""
APPLIES: Final[Applies] = {
    StaffAppointed: _appointed,
    StaffDismissed: _dismissed,
    StaffLoggedIn: _logged_in,
    StaffLoginFailed: _login_failed,
    StaffLoggedOut: _logged_out,
    StaffActed: _acted,
}
