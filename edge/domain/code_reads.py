"""What scanners and cameras read becomes facts: the kind of thing, where, what came of it; never the code itself."""

from __future__ import annotations

import msgspec

from edge.domain import passes
from edge.domain.readings import Reading
from edge.errors import Refusal
from edge.journal import Entry, Fact, Noun, Rows, Tx


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


class Outcome(msgspec.Struct, frozen=True):
    """What came of a code that was held to a scanner."""

    best: Reading
    member: str = ""
    refused: str = ""


def read(
    tx: Tx,
    *,
    device: str,
    readings: list[Reading],
    shown: passes.Pass | None = None,
    symbology: str | None,
    length: int,
    digest: str,
) -> Outcome:
    """Note what was read, and do what it is for: a member's code greets, and is used up by that alone."""
    best = readings[0]
    member, refused = "", best.refused
    if shown is not None and not refused:
        try:
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
    return Outcome(best, member, refused)


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
        "INSERT OR REPLACE INTO code_reads VALUES (?,?,?,?,?)",
        (fact.device, fact.kind, fact.member, fact.refused, entry.wall_ms),
    )


NOUN = Noun(
    name="code_reads",
    schema="""
CREATE TABLE code_reads (
    device TEXT PRIMARY KEY, kind TEXT, member TEXT, refused TEXT, read_ms INTEGER) STRICT, WITHOUT ROWID;
""",
    facts={CodeRead: _read},
)
