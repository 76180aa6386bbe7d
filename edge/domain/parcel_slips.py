"""The slip of a parcel: which door, until when, and the code that opens it.

The code itself is in no fact. A slip's values name the parcel's seed, which the journal holds already and which opens
nothing; whoever renders the slip for a printer computes six digits and QR from it and the store's key.
"""

from __future__ import annotations

import sqlite3

import msgspec

from edge.domain import printing
from edge.domain.locker_rules import HELD
from edge.domain.printing import Job
from edge.journal import Reads, Tx


def job_of(parcel: str) -> str:
    """The business id of a parcel's slip: as much of the parcel's id as is random."""
    return f"parcel-{parcel.replace('-', '')[-12:]}"


def slip_of(reads: Reads, parcel: str) -> sqlite3.Row | None:
    """The print job of a parcel's slip, where there is one."""
    return reads.one("SELECT * FROM print_jobs WHERE job=? ORDER BY revision DESC LIMIT 1", job_of(parcel))


def order_slip(tx: Tx, parcel: sqlite3.Row, *, language: str, due_ms: int, by: str = "") -> Job | None:
    """Order a parcel's slip at a printer of its bank's zone, or the next best. None where the store has no printer."""
    if not printing.printers(tx):
        return None
    bank = tx.one("SELECT zone, label FROM devices WHERE device=?", parcel["bank"])
    values = {
        "bank": msgspec.json.decode(bank["label"]) if bank else parcel["bank"],
        "at": parcel["bank"],
        "door": parcel["door"],
        "seed": parcel["seed"],
        "until_ms": due_ms,
    }
    return printing.order(
        tx,
        job=job_of(parcel["parcel"]),
        slip="locker",
        values=values,
        language=language,
        zone=bank["zone"] if bank else None,
        by=by,
    )


def print_slip(tx: Tx, *, parcel: str, language: str, member: str | None = None, staff: str = "") -> Job:
    """Somebody wants the slip of a parcel that is kept: its owner, once; staff as often as it takes, marked COPY.

    What waits is left alone, and what came too late or failed is printed after all, whoever asks.
    Refuses: parcel_unknown, parcel_gone, printer_unknown.
    """
    row = tx.one("SELECT * FROM parcels WHERE parcel=?", parcel)
    if row is None or (member is not None and row["member"] != member):
        raise tx.refuse("parcel_unknown", parcel=parcel)
    if row["state"] not in HELD or row["due_ms"] is None:
        raise tx.refuse("parcel_gone", parcel=parcel)
    known = slip_of(tx, parcel)
    if known is None:
        ordered = order_slip(tx, row, language=language, due_ms=row["due_ms"], by=staff)
        if ordered is None:
            raise tx.refuse("printer_unknown", printer="")
        return ordered
    if known["state"] == "printed" and member is not None:
        return Job(known["job"], known["revision"], known["printer"], known["state"])
    return printing.reprint(tx, job=known["job"], by=staff)
