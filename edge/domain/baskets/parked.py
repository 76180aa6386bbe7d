"""What is asked of baskets that can be taken with a code: which, until when, and who has one."""

from __future__ import annotations

import sqlite3
from typing import Literal

import msgspec

from edge.domain.baskets.queries import BasketNow, all_of_member, now, of_session
from edge.domain.baskets.rules import Owner
from edge.domain.members.rules import FIRM, UNDO_MS
from edge.journal import Reads

Taker = Literal["phone", "screen", "till"]


class Parked(msgspec.Struct, frozen=True):
    """A basket with a code."""

    basket: str
    seed: str
    place: str
    """The screen at which it was gathered; empty where it is a phone's."""
    until_ms: int
    by: Taker | None
    """Who has it; none while nobody has taken it."""
    taken_ms: int | None
    into: str
    """Where its goods lie since."""


def of_basket(reads: Reads, basket: str) -> Parked | None:
    """Returns the code of a basket that nobody has taken."""
    row = reads.one("SELECT * FROM parked_baskets WHERE basket=? AND taken_ms IS NULL", basket)
    return _parked_of(row) if row is not None else None


def by_seed(reads: Reads, seed: str) -> Parked | None:
    """Returns the basket of a code, whatever became of it."""
    row = reads.one("SELECT * FROM parked_baskets WHERE seed=?", seed)
    return _parked_of(row) if row is not None else None


def waiting(reads: Reads, now_ms: int) -> list[Parked]:
    """Returns what can be taken now."""
    rows = reads.all("SELECT * FROM parked_baskets WHERE waits=1 AND until_ms>? ORDER BY until_ms", now_ms)
    return [_parked_of(row) for row in rows]


def taken_lately(reads: Reads, now_ms: int) -> list[Parked]:
    """Returns what somebody took whose code would be good now."""
    rows = reads.all("SELECT * FROM parked_baskets WHERE taken_ms IS NOT NULL AND until_ms>?", now_ms)
    return [_parked_of(row) for row in rows]


def taken_by(reads: Reads, taker: str) -> list[str]:
    """Returns the seeds of what a taker has."""
    return [row["seed"] for row in reads.all("SELECT seed FROM parked_baskets WHERE taker=?", taker)]


def taken_last(reads: Reads, session: str) -> Parked | None:
    """Returns what was taken last of what a session at a screen had gathered; none where it has something since."""
    row = reads.one(
        "SELECT p.* FROM parked_baskets p JOIN baskets b ON b.basket=p.basket"
        " WHERE b.session=? AND b.state='merged' ORDER BY p.taken_ms DESC LIMIT 1",
        session,
    )
    return _parked_of(row) if row is not None and row["taken_ms"] is not None else None


def last_of_member(reads: Reads, member: str) -> Parked | None:
    """Returns the code that this person's own phone gave out last."""
    row = reads.one(
        "SELECT p.* FROM kin k JOIN baskets b ON b.member=k.other"  # noqa: S608 - our own condition
        f" JOIN parked_baskets p ON p.basket=b.basket WHERE k.member=?1 AND {FIRM} ORDER BY p.until_ms DESC LIMIT 1",
        *(member, reads.now - UNDO_MS),
    )
    return _parked_of(row) if row is not None else None


def screen_of(reads: Reads, known: Parked) -> str:
    """Returns the screen at which a basket is that was taken there; empty where it is at none."""
    row = reads.one("SELECT taker FROM parked_baskets WHERE seed=?", known.seed)
    parts = row["taker"].split("/") if row is not None and row["taker"] else []
    return parts[1] if len(parts) == 3 and parts[0] == "screen" else ""


def current(reads: Reads, owner: Owner) -> BasketNow | None:
    """Returns the unpaid basket of a person, or of a session."""
    if not owner.member:
        name = of_session(reads, owner.session)
    else:
        found = all_of_member(reads, owner.member)
        name = found[0] if found else None
    return now(reads, name) if name else None


def whose(owner: Owner) -> str:
    """Names a taker: a person's random id, or a session at a screen or till."""
    return owner.member or owner.session


def kind_of(taker: str) -> Taker:
    """Returns what kind of taker that is."""
    place, slash, _ = taker.partition("/")
    return ("till" if place == "till" else "screen") if slash else "phone"


def _parked_of(row: sqlite3.Row) -> Parked:
    by = kind_of(row["taker"]) if row["taker"] else None
    return Parked(
        row["basket"], row["seed"], row["place"], row["until_ms"], by, row["taken_ms"], row["into_basket"] or ""
    )
