"""The one way a parcel changes its state: along the transition table, with what comes of it (slip, fee, credit)."""

from __future__ import annotations

import sqlite3

from edge.domain.callers import asked_by
from edge.domain.ledger.promoting import crediting
from edge.domain.lockers.facts import ParcelFeeDue, ParcelMoved
from edge.domain.lockers.queries import rules_of
from edge.domain.lockers.rules import OPEN, PARCEL, fee
from edge.domain.lockers.slips import order_slip
from edge.journal import Tx


@asked_by("part")
def move(tx: Tx, parcel: sqlite3.Row | None, event: str | None) -> bool:
    """Carry a parcel along the transition table. False where its state knows no such event: then nothing changes."""
    if parcel is None or event is None or (to := PARCEL[parcel["state"]].get(event)) is None:
        return False
    if parcel["state"] == "cancelled" and not _still_free(tx, parcel):
        return False
    rules = rules_of(tx)
    first = to == "kept" and parcel["due_ms"] is None
    tx.emit(
        ParcelMoved(
            parcel=parcel["parcel"],
            bank=parcel["bank"],
            door=parcel["door"],
            event=event,
            state=to,
            member=parcel["member"],
            due_ms=tx.now + rules.due_ms if first else None,
        )
    )
    if first and parcel["slip"]:
        order_slip(tx, parcel, language=parcel["slip"], due_ms=tx.now + rules.due_ms)
    # What was told before the door opened, however long it stood open.
    until = parcel["changed_ms"] if parcel["state"] in OPEN else tx.now
    owed = fee(rules, (parcel["fee"], parcel["fee_most"]), parcel["due_ms"], until)
    if to in ("emptied", "cleared") and owed > parcel["owed"]:
        tx.emit(ParcelFeeDue(parcel=parcel["parcel"], member=parcel["member"], amount=owed))
    if to == "emptied" and parcel["adviser"]:
        for fact in crediting(tx, parcel["adviser"], parcel=parcel["parcel"], number=parcel["order_ref"] or ""):
            tx.emit(fact)
    return True


def _still_free(tx: Tx, parcel: sqlite3.Row) -> bool:
    door = tx.one("SELECT parcel FROM doors WHERE bank=? AND door=?", parcel["bank"], parcel["door"])
    return door is not None and door["parcel"] is None
