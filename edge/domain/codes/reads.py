"""What scanners and cameras read becomes facts: the kind of thing, where, what came of it; never the code itself."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.callers import asked_by
from edge.domain.codes.readings import Reading
from edge.domain.members import passes
from edge.errors import Refusal
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

STAY_MS: Final = 3 * 60_000
"""How long a place belongs to the member who was greeted there."""


class ReadingNoted(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that the code may mean."""

    kind: str
    certainty: str
    reason: str
    what: str = ""
    refused: str = ""
    gtin: str = ""
    touchpoint: str = ""
    coupon: str = ""
    job: str = ""


class CodeRead(Fact, frozen=True, tag="code.read.v1"):
    """A scanner or camera of ours read a code."""

    device: str
    zone: str
    kind: str
    """Of the best reading."""
    readings: list[ReadingNoted]
    symbology: str | None
    length: int
    """Of its text, in characters."""
    digest: str
    """Names the code, to find repeats: 16 hexadecimal digits of a hash under a key of this box."""
    member: str = ""
    """Whose code it was, where it was a member's and has been used up by this."""
    refused: str = ""
    """Why it came to nothing."""


class Came(msgspec.Struct, frozen=True):
    """What came of a code that was held to a scanner."""

    best: Reading
    member: str = ""
    """Who was greeted."""
    refused: str = ""


@asked_by("machine")
def read(
    tx: Tx,
    *,
    device: str,
    readings: list[Reading],
    shown: passes.Pass | None,
    symbology: str | None,
    length: int,
    digest: str,
) -> Came:
    """Note what was read, and do what it is for, all in one: what is refused uses nothing up.

    A member's code greets its member at this place.
    """
    best = readings[0]
    member, refused = "", best.refused
    try:
        if best.kind == "member" and shown is not None and not refused:
            member = passes.use(tx, shown, purpose="greet", at=device)
    except Refusal as refusal:
        refused = refusal.code
    zone = tx.one("SELECT zone FROM devices WHERE device=?", device)
    tx.emit(
        CodeRead(
            device=device,
            zone=zone["zone"] if zone else "",
            kind=best.kind,
            readings=[_noted(each) for each in readings],
            symbology=symbology,
            length=length,
            digest=digest,
            member=member,
            refused=refused,
        )
    )
    return Came(best, member, refused)


def member_at(reads: Reads, device: str, now_ms: int) -> str | None:
    """The member who was greeted at this place last, while that is not longer ago than `STAY_MS`."""
    row = reads.one("SELECT member, greeted_ms FROM code_reads WHERE device=?", device)
    return row["member"] if row and row["member"] and 0 <= now_ms - row["greeted_ms"] <= STAY_MS else None


def _noted(reading: Reading) -> ReadingNoted:
    place = reading.touchpoint
    return ReadingNoted(
        kind=reading.kind,
        certainty=reading.certainty,
        reason=reading.reason,
        what=reading.what,
        refused=reading.refused,
        gtin=reading.trade.gtin if reading.trade else "",
        touchpoint=place.id if place else "",
        coupon=(place.coupon or "") if place else "",
        job=reading.job,
    )


def _read(rows: Rows, entry: Entry, fact: CodeRead) -> None:
    rows.run(
        "INSERT INTO code_reads VALUES (?1,?2,?3,iif(?3='', 0, ?4),?5,?4) ON CONFLICT (device) DO UPDATE SET"
        " kind=excluded.kind, refused=excluded.refused, read_ms=excluded.read_ms,"
        " member=iif(excluded.member='', member, excluded.member),"
        " greeted_ms=iif(excluded.member='', greeted_ms, excluded.greeted_ms)",
        (fact.device, fact.kind, fact.member, entry.wall_ms, fact.refused),
    )


SCHEMA: Final = """
CREATE TABLE code_reads (
    device TEXT PRIMARY KEY, kind TEXT, member TEXT, greeted_ms INTEGER, refused TEXT, read_ms INTEGER)
    STRICT, WITHOUT ROWID;
"""
APPLIES: Final[Applies] = {CodeRead: _read}
