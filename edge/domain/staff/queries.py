"""What is asked of staff: who is logged in, who may try, what was done, and which calls wait."""

from __future__ import annotations

from typing import Any, Final

from edge.domain.needs import LOOK, NOW, SOON, Need
from edge.domain.staff.facts import ANYWHERE
from edge.domain.staff.pin_tries import Tries
from edge.domain.staff.rules import SESSION_MS, Act, Call, Colleague, LoginPlace, Person, StaffSession
from edge.errors import used_before
from edge.journal import Reads


def place_of(reads: Reads, staff: str, browser: str, address: str) -> LoginPlace:
    """The browser, where this person has logged in at it before, or else the address."""
    if browser and reads.one("SELECT 1 FROM staff_browsers WHERE staff=? AND browser=?", staff, browser):
        return LoginPlace(f"browser:{browser}", known=True)
    return LoginPlace(f"address:{address}", known=False)


def may_try(reads: Reads, staff: str, place: LoginPlace, now: int) -> int:
    """How many milliseconds this person's next PIN there has to wait; 0 is none."""
    counts = [place.key] if place.known else [place.key, ANYWHERE]
    return max(tries(reads, staff, count).wait(now) for count in counts)


def tries(reads: Reads, staff: str, place: str) -> Tries:
    row = reads.one("SELECT failures, delay_ms, failed_ms FROM staff_tries WHERE staff=? AND place=?", staff, place)
    return Tries(row["failures"], row["delay_ms"], row["failed_ms"]) if row else Tries()


def logged_in(reads: Reads, session: str, now: int) -> Person | None:
    """Who this session belongs to, while it lasts and its owner is staff."""
    row = reads.one(
        "SELECT s.staff, s.name, s.role, s.key, t.since_ms FROM staff_sessions t JOIN staff s ON s.staff=t.staff"
        " WHERE t.session=?",
        session,
    )
    if row is None or not 0 <= now - row["since_ms"] + 60_000 <= SESSION_MS:
        return None
    return Person(row["staff"], row["name"], row["role"], session, row["key"])


def sessions(reads: Reads, now: int) -> list[StaffSession]:
    """Who is logged in where, the newest first."""
    rows = reads.all(
        "SELECT t.session, s.staff, s.name, s.role, t.since_ms, t.browser FROM staff_sessions t"
        " JOIN staff s ON s.staff=t.staff WHERE t.since_ms > ? ORDER BY t.since_ms DESC, t.session",
        now - SESSION_MS,
    )
    return [StaffSession(*row) for row in rows]


def known_at(reads: Reads, browser: str) -> list[Colleague]:
    """Who has logged in at this browser before."""
    rows = reads.all(
        "SELECT s.staff, s.name, s.role FROM staff_browsers b JOIN staff s ON s.staff=b.staff WHERE b.browser=?"
        " ORDER BY s.name, s.staff",
        browser,
    )
    return [Colleague(*row) for row in rows]


def people(reads: Reads) -> list[Colleague]:
    """All staff but operators."""
    rows = reads.all("SELECT staff, name, role FROM staff WHERE role <> 'operator' ORDER BY name, staff")
    return [Colleague(*row) for row in rows]


def name_of(reads: Reads, staff: str) -> str | None:
    """Returns the name of somebody who is staff."""
    row = reads.one("SELECT name FROM staff WHERE staff=?", staff)
    return row["name"] if row else None


_ACT: Final = """
SELECT a.request, a.staff, coalesce(s.name, a.staff), a.action, a.target, a.reason, a.ref, a.at_ms
FROM staff_acts a LEFT JOIN staff s ON s.staff=a.staff """


def done_before(reads: Reads, request: str, action: str, target: str) -> Act | None:
    """What this request did, when it was sent before: a form that is sent twice acts once. Raises `Refusal` bad_request
    where it was another act.
    """
    row = reads.one(_ACT + "WHERE a.request=?", request)
    known = Act(*row) if row else None
    if known is not None and (known.action, known.target) != (action, target):
        raise used_before(request)
    return known


def acts(reads: Reads, limit: int) -> list[Act]:
    """The newest acts first."""
    return [Act(*row) for row in reads.all(_ACT + "ORDER BY a.place DESC LIMIT ?", limit)]


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
        " max(name) AS name, (SELECT call FROM calls t WHERE t.zone=k.zone AND t.touchpoint=k.touchpoint"
        " AND t.state='taken' ORDER BY t.called_ms DESC, t.call DESC LIMIT 1) AS taken"
        " FROM calls k WHERE state<>'over' GROUP BY zone, touchpoint"
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
                "call": row["taken"] or "",
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
        "SELECT call, called_ms FROM calls WHERE zone=? AND touchpoint=? AND state=? ORDER BY called_ms",
        *(zone, touchpoint, state),
    )
