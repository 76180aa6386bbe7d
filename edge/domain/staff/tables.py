"""How each fact changes the tables of staff and calls."""

from __future__ import annotations

from typing import Final

from edge.domain.staff.facts import (
    ANYWHERE,
    StaffActed,
    StaffAppointed,
    StaffCalled,
    StaffCallOver,
    StaffCallTaken,
    StaffDismissed,
    StaffLoggedIn,
    StaffLoggedOut,
    StaffLoginFailed,
)
from edge.domain.staff.rules import KEPT_MS, MAX_BROWSERS, SESSION_MS
from edge.journal import Applies, Entry, Rows, id_text

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
CREATE TABLE calls (
    call TEXT PRIMARY KEY, zone TEXT, touchpoint TEXT, browser TEXT, request TEXT, state TEXT, name TEXT,
    called_ms INTEGER, changed_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX calls_of ON calls (browser, called_ms);
CREATE INDEX open_calls ON calls (zone, touchpoint) WHERE state<>'over';
"""

ENDS: Final = ("DELETE FROM calls WHERE state='over' AND changed_ms<=?1",)
"""Calls that were answered."""


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
            (fact.staff, MAX_BROWSERS),
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


def _called(rows: Rows, entry: Entry, fact: StaffCalled) -> None:
    rows.run(
        "INSERT INTO calls VALUES (?,?,?,?,?,'open','',?,?)",
        (
            *(id_text(entry.id), fact.zone, fact.touchpoint, fact.browser, fact.request),
            *(entry.wall_ms, entry.wall_ms),
        ),
    )


def _taken(rows: Rows, entry: Entry, fact: StaffCallTaken) -> None:
    rows.run("UPDATE calls SET state='taken', name=?, changed_ms=? WHERE call=?", (fact.name, entry.wall_ms, fact.call))


def _over(rows: Rows, entry: Entry, fact: StaffCallOver) -> None:
    rows.run("UPDATE calls SET state='over', changed_ms=? WHERE call=?", (entry.wall_ms, fact.call))


APPLIES: Final[Applies] = {
    StaffAppointed: _appointed,
    StaffDismissed: _dismissed,
    StaffLoggedIn: _logged_in,
    StaffLoginFailed: _login_failed,
    StaffLoggedOut: _logged_out,
    StaffActed: _acted,
    StaffCalled: _called,
    StaffCallTaken: _taken,
    StaffCallOver: _over,
}
