"""Shoppers who call for somebody: where they stand, who is coming, and when it is over.

One browser has one call at a time, and a place so many: a prank is one card, whatever it taps.
"""

from __future__ import annotations

from edge.domain.callers import asked_by
from edge.domain.staff.facts import StaffCalled, StaffCallOver, StaffCallTaken
from edge.domain.staff.queries import call_of, calls_at
from edge.domain.staff.rules import AGAIN_MS, BUSY_S, FORGOTTEN_MS, MAX_AGAIN, MAX_CALLS, MAX_CALLS_AT
from edge.journal import Tx, id_text


@asked_by("anyone")
def call(tx: Tx, *, zone: str, touchpoint: str, browser: str, request: str) -> str:
    """Ask for somebody. A call that is still open is joined.

    Refuses: bad_request; calls_enough where enough wait at this place; too_many_calls where it is the browser, or the
    store as a whole, that has called enough: then nobody need be on the way, and none is promised.
    """
    # Whoever calls from elsewhere by then calls anew: nobody goes to where they were.
    again = tx.one(
        "SELECT call FROM calls WHERE request=? AND browser=? AND zone=? AND touchpoint=?",
        *(request, browser, zone, touchpoint),
    )
    mine = call_of(tx, browser)
    if again is not None or (mine is not None and mine.state != "over"):
        return str(again["call"]) if again is not None else str(mine and mine.id)
    if tx.one("SELECT 1 FROM zones WHERE zone=?", zone) is None:
        raise tx.refuse("bad_request", field="zone")
    waiting = tx.all("SELECT zone, touchpoint FROM calls WHERE state<>'over'")
    if sum((row["zone"], row["touchpoint"]) == (zone, touchpoint) for row in waiting) >= MAX_CALLS_AT:
        raise tx.refuse("calls_enough")
    lately = tx.all("SELECT called_ms FROM calls WHERE browser=? AND called_ms>?", browser, tx.now - AGAIN_MS)
    if len(lately) >= MAX_AGAIN:
        left = min(row["called_ms"] for row in lately) + AGAIN_MS - tx.now
        raise tx.refuse("too_many_calls", seconds=-(-left // 1000))
    if len(waiting) >= MAX_CALLS:
        raise tx.refuse("too_many_calls", seconds=BUSY_S)
    identity = tx.emit(StaffCalled(zone=zone, touchpoint=touchpoint, browser=browser, request=request))
    return id_text(identity)


@asked_by("staff")
def take(tx: Tx, *, place: str, staff: str, name: str) -> bool:
    """Somebody goes to this place: all who wait there are told. False when nobody does."""
    rows = calls_at(tx, place, "open")
    for row in rows:
        tx.emit(StaffCallTaken(call=row["call"], staff=staff, name=name))
    return bool(rows)


@asked_by("staff")
def end(tx: Tx, *, place: str, shown: str = "") -> bool:
    """Whoever went there is done; whoever called there since still waits, and so does whoever somebody else went to
    after the last call that they were `shown`. False when nobody had gone there.
    """
    rows = calls_at(tx, place, "taken")
    if shown:
        last = tx.one("SELECT called_ms FROM calls WHERE call=?", shown)
        rows = [row for row in rows if last is not None and row["called_ms"] <= last["called_ms"]]
    for row in rows:
        tx.emit(StaffCallOver(call=row["call"], by="staff"))
    return bool(rows)


@asked_by("anyone")
def withdraw(tx: Tx, *, browser: str) -> None:
    """The shopper needs nobody any more."""
    mine = call_of(tx, browser)
    if mine is not None and mine.state != "over":
        tx.emit(StaffCallOver(call=mine.id, by="shopper"))


@asked_by("store")
def on_tick(tx: Tx) -> None:
    """What was asked long ago is over."""
    for row in tx.all("SELECT call FROM calls WHERE state<>'over' AND called_ms<?", tx.now - FORGOTTEN_MS):
        tx.emit(StaffCallOver(call=row["call"], by="time"))
