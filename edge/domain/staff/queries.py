"""What is asked of staff: who is logged in, who may try, what was done, and which calls wait."""

from __future__ import annotations

import sqlite3
from typing import Any

from edge.domain.needs import LOOK, NOW, SOON, Need
from edge.domain.staff.facts import ANYWHERE
from edge.domain.staff.pin_tries import Tries
from edge.domain.staff.rules import SESSION_MS, Call, Person, Place
from edge.journal import Reads


def place_of(reads: Reads, staff: str, browser: str, address: str) -> Place:
    """The browser, where this person has logged in at it before, or else the address."""
    if browser and reads.one("SELECT 1 FROM staff_browsers WHERE staff=? AND browser=?", staff, browser):
        return Place(f"browser:{browser}", known=True)
    return Place(f"address:{address}", known=False)


def may_try(reads: Reads, staff: str, place: Place, now: int) -> int:
    """How many milliseconds this person's next PIN there has to wait; 0 is none."""
    counts = [place.key] if place.known else [place.key, ANYWHERE]
    return max(tries(reads, staff, count).wait(now) for count in counts)


def tries(reads: Reads, staff: str, place: str) -> Tries:
    row = reads.one("SELECT failures, delay_ms, failed_ms FROM staff_tries WHERE staff=? AND place=?", staff, place)
    return Tries(row["failures"], row["delay_ms"], row["failed_ms"]) if row else Tries()


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


def described(row: sqlite3.Row) -> dict[str, Any]:
    """An act as pages show it."""
    return {name: row[name] for name in ("staff", "name", "action", "target", "reason", "ref", "at_ms", "request")}


def call_of(reads: Reads, browser: str) -> Call | None:
    """A browser's last call."""
    row = reads.one("SELECT * FROM calls WHERE browser=? ORDER BY called_ms DESC LIMIT 1", browser)
    if row is None:
        return None
    return Call(
        *(row["call"], row["state"], row["name"], row["zone"], row["touchpoint"], row["called_ms"], row["changed_ms"])
    )


def call_needs(reads: Reads, _now: int) -> list[Need]:
    """One card for each place where somebody waits."""
    rows = reads.all(
        "SELECT zone, touchpoint, min(called_ms) AS since, count(*) AS waiting, sum(state='open') AS open,"
        " max(name) AS name FROM calls WHERE state<>'over' GROUP BY zone, touchpoint"
    )
    return [
        Need(
            id=f"call:{call_place(row['zone'], row['touchpoint'])}",
            urgency=NOW if row["open"] else SOON,
            device="",
            kind="call" if row["open"] else "call_taken",
            since_ms=row["since"],
            details={
                "people": row["waiting"],
                "who": row["name"],
                "zone": row["zone"],
                "touchpoint": row["touchpoint"],
                "place": call_place(row["zone"], row["touchpoint"]),
            },
            action="take_call" if row["open"] else "end_call",
        )
        for row in rows
    ]


def call_place(zone: str, touchpoint: str) -> str:
    """The name of a place in an act."""
    return f"{zone}/{touchpoint}" if touchpoint else zone


def calls_at(reads: Reads, place: str, state: str) -> list[Any]:
    zone, _, touchpoint = place.partition("/")
    return reads.all(
        "SELECT call FROM calls WHERE zone=? AND touchpoint=? AND state=? ORDER BY called_ms", zone, touchpoint, state
    )
