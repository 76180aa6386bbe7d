"""Whose a parcel is: its depositor's, and theirs who were found to be the same person before it was put in."""

from __future__ import annotations

import sqlite3

from edge.domain.callers import Caller, asked_by
from edge.journal import Tx


@asked_by("part")
def own(tx: Tx, parcel: str, caller: Caller) -> sqlite3.Row:
    """The caller's parcel. Refuses parcel_unknown, also where it lay there before staff let the caller in."""
    row = tx.one(
        "SELECT p.* FROM parcels p JOIN kin k ON k.member=?2 AND k.other=p.member AND p.place > k.since"
        " WHERE p.parcel=?1",
        parcel,
        caller.member,
    )
    if row is None:
        raise tx.refuse("parcel_unknown", parcel=parcel)
    return row
