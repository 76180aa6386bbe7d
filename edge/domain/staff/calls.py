"""Shoppers who call for somebody: where they stand, who is coming, and when it is over.

One browser has one call at a time, and a place so many: a prank is one card, whatever it taps.
"""

from __future__ import annotations

import uuid
from typing import Any, Final, Literal

import msgspec

from edge.domain.callers import asked_by
from edge.domain.needs import NOW, SOON, Need
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

AGAIN_MS: Final = 10 * 60_000
"""Within this time one browser calls `MOST_AGAIN` times."""
MOST_AGAIN: Final = 3
MOST_AT: Final = 5
"""Calls at one place that are open together: staff go there already."""
MOST_OPEN: Final = 30
FORGOTTEN_MS: Final = 30 * 60_000
"""Nobody waits longer without calling again."""


class StaffCalled(Fact, frozen=True, tag="staff.called.v1"):
    """A shopper at this place asks for somebody."""

    zone: str
    touchpoint: str
    """The code that was scanned last; empty where only the zone is known."""
    browser: str
    request: str


class StaffCallTaken(Fact, frozen=True, tag="staff.call_taken.v1"):
    """Somebody is on the way."""

    call: str
    staff: str
    name: str


class StaffCallOver(Fact, frozen=True, tag="staff.call_over.v1"):
    """Nobody waits there any more."""

    call: str
    by: Literal["staff", "shopper", "time"]


class Call(msgspec.Struct, frozen=True):
    """A call as its shopper sees it."""

    id: str
    state: str
    """`open`, `taken` or `over`."""
    name: str
    """Who is coming."""
    zone: str
    touchpoint: str
    called_ms: int
    changed_ms: int


@asked_by("anyone")
def call(tx: Tx, *, zone: str, touchpoint: str, browser: str, request: str) -> str:
    """Ask for somebody. A call that is still open is joined. Refuses: bad_request, calls_enough."""
    again = tx.one("SELECT call FROM calls WHERE request=? AND browser=?", request, browser)
    mine = of(tx, browser)
    if again is not None or (mine is not None and mine.state != "over"):
        return str(again["call"]) if again is not None else str(mine and mine.id)
    if tx.one("SELECT 1 FROM zones WHERE zone=?", zone) is None:
        raise tx.refuse("bad_request", field="zone")
    counts = tx.one(
        "SELECT sum(browser=?1 AND called_ms>?2) AS mine, sum(state<>'over' AND zone=?3 AND touchpoint=?4) AS here,"
        " sum(state<>'over') AS open FROM calls",
        *(browser, tx.now - AGAIN_MS, zone, touchpoint),
    )
    if counts is not None and (
        (counts["mine"] or 0) >= MOST_AGAIN or (counts["here"] or 0) >= MOST_AT or (counts["open"] or 0) >= MOST_OPEN
    ):
        raise tx.refuse("calls_enough")
    identity = tx.emit(StaffCalled(zone=zone, touchpoint=touchpoint, browser=browser, request=request))
    return str(uuid.UUID(bytes=identity))


def of(reads: Reads, browser: str) -> Call | None:
    """A browser's last call."""
    row = reads.one("SELECT * FROM calls WHERE browser=? ORDER BY called_ms DESC LIMIT 1", browser)
    if row is None:
        return None
    return Call(
        *(row["call"], row["state"], row["name"], row["zone"], row["touchpoint"], row["called_ms"], row["changed_ms"])
    )


@asked_by("staff")
def take(tx: Tx, *, place: str, staff: str, name: str) -> bool:
    """Somebody goes to this place: all who wait there are told. False when nobody does."""
    rows = _at(tx, place, "open")
    for row in rows:
        tx.emit(StaffCallTaken(call=row["call"], staff=staff, name=name))
    return bool(rows)


@asked_by("staff")
def end(tx: Tx, *, place: str) -> bool:
    """Whoever went there is done. False when nobody waited."""
    rows = [*_at(tx, place, "open"), *_at(tx, place, "taken")]
    for row in rows:
        tx.emit(StaffCallOver(call=row["call"], by="staff"))
    return bool(rows)


@asked_by("anyone")
def withdraw(tx: Tx, *, browser: str) -> None:
    """The shopper needs nobody any more."""
    mine = of(tx, browser)
    if mine is not None and mine.state != "over":
        tx.emit(StaffCallOver(call=mine.id, by="shopper"))


@asked_by("store")
def tend(tx: Tx) -> None:
    """What was asked long ago is over."""
    for row in tx.all("SELECT call FROM calls WHERE state<>'over' AND called_ms<?", tx.now - FORGOTTEN_MS):
        tx.emit(StaffCallOver(call=row["call"], by="time"))


def needs(reads: Reads, _now: int) -> list[Need]:
    """One card for each place where somebody waits."""
    rows = reads.all(
        "SELECT zone, touchpoint, min(called_ms) AS since, count(*) AS waiting, sum(state='open') AS open,"
        " max(name) AS name FROM calls WHERE state<>'over' GROUP BY zone, touchpoint"
    )
    return [
        Need(
            id=f"call:{place_of(row['zone'], row['touchpoint'])}",
            urgency=NOW if row["open"] else SOON,
            device="",
            kind="call" if row["open"] else "call_taken",
            since_ms=row["since"],
            details={
                "people": row["waiting"],
                "who": row["name"],
                "zone": row["zone"],
                "touchpoint": row["touchpoint"],
                "place": place_of(row["zone"], row["touchpoint"]),
            },
            action="take_call" if row["open"] else "end_call",
        )
        for row in rows
    ]


def place_of(zone: str, touchpoint: str) -> str:
    """The name of a place in an act."""
    return f"{zone}/{touchpoint}" if touchpoint else zone


def _at(reads: Reads, place: str, state: str) -> list[Any]:
    zone, _, touchpoint = place.partition("/")
    return reads.all(
        "SELECT call FROM calls WHERE zone=? AND touchpoint=? AND state=? ORDER BY called_ms", zone, touchpoint, state
    )


def _called(rows: Rows, entry: Entry, fact: StaffCalled) -> None:
    rows.run(
        "INSERT INTO calls VALUES (?,?,?,?,?,'open','',?,?)",
        (
            *(str(uuid.UUID(bytes=entry.id)), fact.zone, fact.touchpoint, fact.browser, fact.request),
            *(entry.wall_ms, entry.wall_ms),
        ),
    )


def _taken(rows: Rows, entry: Entry, fact: StaffCallTaken) -> None:
    rows.run("UPDATE calls SET state='taken', name=?, changed_ms=? WHERE call=?", (fact.name, entry.wall_ms, fact.call))


def _over(rows: Rows, entry: Entry, fact: StaffCallOver) -> None:
    rows.run("UPDATE calls SET state='over', changed_ms=? WHERE call=?", (entry.wall_ms, fact.call))


SCHEMA: Final = """
CREATE TABLE calls (
    call TEXT PRIMARY KEY, zone TEXT, touchpoint TEXT, browser TEXT, request TEXT, state TEXT, name TEXT,
    called_ms INTEGER, changed_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX calls_of ON calls (browser, called_ms);
CREATE INDEX open_calls ON calls (zone, touchpoint) WHERE state<>'over';
"""
APPLIES: Final[Applies] = {StaffCalled: _called, StaffCallTaken: _taken, StaffCallOver: _over}
