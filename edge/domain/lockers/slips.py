"""The slip of a parcel: which door, until when, and the code that opens it.

The code itself is in no fact. A slip's values name the parcel's seed, which the journal holds already and which opens
nothing; whoever renders the slip for a printer computes six digits and QR from it and the store's key.
"""

from __future__ import annotations

import sqlite3

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.lockers.owners import own
from edge.domain.lockers.queries import job_of, slip_of
from edge.domain.lockers.rules import HELD
from edge.domain.printing import ordering
from edge.domain.printing.ordering import Planned, SlipOrder
from edge.domain.printing.queries import printers
from edge.domain.printing.rules import Job, PrintJob
from edge.journal import Tx


@asked_by("part")
def order_slip(tx: Tx, parcel: sqlite3.Row, *, language: str, due_ms: int, by: str = "") -> Job | None:
    """Order a parcel's slip at a printer of its bank's zone, or the next best. None where the store has no printer."""
    if not printers(tx):
        return None
    bank = tx.one("SELECT zone, label FROM devices WHERE device=?", parcel["bank"])
    values = {
        "bank": msgspec.json.decode(bank["label"]) if bank else parcel["bank"],
        "at": parcel["bank"],
        "door": parcel["door"],
        "seed": parcel["seed"],
        "until_ms": due_ms,
    }
    job = job_of(parcel["parcel"])
    wanted = SlipOrder(job, "locker", values, language, zone=bank["zone"] if bank else None, by=by)
    return _state(tx, ordering.order(tx, tx.now, wanted))


@asked_by(Proof.DEVICE)
def print_slip(tx: Tx, *, parcel: str, language: str, caller: Caller) -> Job:
    """The owner wants the slip of a parcel that is kept, once; what came too late or failed is printed after all.

    Refuses: parcel_unknown, parcel_gone, printer_unknown.
    """
    row = own(tx, parcel, caller)
    known = slip_of(tx, parcel)
    if known is not None and known.state == "printed" and _awaits_collection(row):
        return known.summary
    return _print(tx, row, known, language, by="")


@asked_by("staff")
def print_again(tx: Tx, *, parcel: str, language: str, staff: str) -> Job:
    """Staff print the slip of a parcel that is kept, as often as it takes, marked COPY; what waits is left alone.

    Refuses: parcel_unknown, parcel_gone, printer_unknown.
    """
    row = tx.one("SELECT * FROM parcels WHERE parcel=?", parcel)
    if row is None:
        raise tx.refuse("parcel_unknown", parcel=parcel)
    return _print(tx, row, slip_of(tx, parcel), language, by=staff)


def _awaits_collection(row: sqlite3.Row) -> bool:
    return row["state"] in HELD and row["due_ms"] is not None


def _print(tx: Tx, row: sqlite3.Row, known: PrintJob | None, language: str, *, by: str) -> Job:
    if not _awaits_collection(row):
        raise tx.refuse("parcel_gone", parcel=row["parcel"])
    if known is not None:
        return _state(tx, ordering.reprint(tx, tx.now, job=known.job, by=by))
    ordered = order_slip(tx, row, language=language, due_ms=row["due_ms"], by=by)
    if ordered is None:
        raise tx.refuse("printer_unknown", printer="")
    return ordered


def _state(tx: Tx, planned: Planned) -> Job:
    if planned.fact is not None:
        tx.emit(planned.fact)
    return planned.job
