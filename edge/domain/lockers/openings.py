"""An opening: the right to open one door once, by whom and what for."""

from __future__ import annotations

import sqlite3
from typing import Literal

import msgspec

from edge.domain.callers import asked_by
from edge.domain.lockers import queries
from edge.domain.lockers.facts import LockerOpenGranted
from edge.domain.lockers.rules import AGAIN_MS, MINUTE_MS, DoorStatus, Why
from edge.domain.members.queries import related
from edge.errors import used_before
from edge.journal import Tx, id_text

By = Literal["owner", "code", "shared_code", "filler", "staff"]


class Opening(msgspec.Struct, frozen=True):
    """The right to open one door once."""

    id: str
    """UUID, canonical text: the entry that granted it, and the id of the command that carries it out."""
    bank: str
    door: str
    parcel: str | None


@asked_by("part")
def open_door(
    tx: Tx,
    door: DoorStatus,
    why: Why,
    by: By,
    request: str,
    *,
    parcel: str | None,
    member: str | None = None,
    staff: str | None = None,
    reason: str | None = None,
) -> Opening:
    bank, name = door.bank, door.door
    last = tx.one("SELECT * FROM openings WHERE grant_id=?", door.opening)
    if last is not None and (last["state"] == "granted" or _just_opened(last, door, tx.now)):
        if (last["why"], last["parcel"]) == (why, parcel):
            return Opening(last["grant_id"], bank, name, parcel)  # a second tap joins the first
        if last["state"] == "granted":
            raise tx.refuse("door_busy", bank=bank, door=name)
    device = tx.one("SELECT online FROM devices WHERE device=?", bank)
    if device is not None and device["online"] == 0:
        raise tx.refuse("locker_away", bank=bank)
    # Doors do not overtake each other: one fence a minute lets a repeated order through, and still outlives a journal.
    fence = max(door.fence, tx.fence_floor + tx.now // MINUTE_MS * 60)
    identity = tx.emit(
        LockerOpenGranted(
            bank=bank,
            door=name,
            why=why,
            by=by,
            request=request,
            fence=fence,
            parcel=parcel,
            member=member,
            staff=staff,
            reason=reason,
        )
    )
    return Opening(id_text(identity), bank, name, parcel)


def _just_opened(opening: sqlite3.Row, door: DoorStatus, now: int) -> bool:
    """Whether the door opened a moment ago and was not closed since: then nobody needs it opened once more."""
    if opening["state"] != "opened" or not 0 <= now - opening["ended_ms"] < AGAIN_MS:
        return False
    return door.closed_ms is None or door.closed_ms < opening["granted_ms"]


@asked_by("part")
def earlier(tx: Tx, request: str, member: str | None, **asked: str) -> Opening | None:
    """What this request opened before, whoever of the same person asks now: a guest may have registered meanwhile.

    `asked` is what is wanted now, by column. Refuses bad_request where the request was somebody else's, or wanted
    something else.
    """
    row = tx.one("SELECT o.*, p.size FROM openings o LEFT JOIN parcels p ON p.parcel=o.parcel WHERE request=?", request)
    if row is None:
        return None
    own = row["member"] == member or (member is not None and related(tx, member, row["member"]))
    if not own or any(row[name] != value for name, value in asked.items()):
        raise used_before(request)
    return Opening(row["grant_id"], row["bank"], row["door"], row["parcel"])


@asked_by("part")
def doors_of(tx: Tx, bank: str) -> list[DoorStatus]:
    """The doors of a bank that may be given. Refuses: locker_unknown."""
    doors = queries.doors(tx, bank)
    if not doors:
        raise tx.refuse("locker_unknown", bank=bank)
    return [each.door for each in doors if not each.held]


@asked_by("part")
def door_of(tx: Tx, bank: str, door: str, shown: str = "") -> DoorStatus:
    """One door. Refuses: locker_unknown, page_outdated where another parcel than was `shown`, or none, is behind it."""
    found = queries.door(tx, bank, door)
    if found is None:
        raise tx.refuse("locker_unknown", bank=bank, door=door)
    if shown and found.parcel != shown:
        raise tx.refuse("page_outdated", bank=bank, door=door)
    return found
