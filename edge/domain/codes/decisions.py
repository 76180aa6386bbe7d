"""What scanners and cameras read becomes facts: the kind of thing, where, what came of it; never the code itself."""

from __future__ import annotations

from edge.domain.callers import asked_by
from edge.domain.codes.facts import CodeRead, ReadingNoted
from edge.domain.codes.readings import Reading, ScanResult
from edge.domain.members.passes import Pass
from edge.domain.members.queries import code_used
from edge.errors import Refusal
from edge.journal import Tx


@asked_by("machine")
def read(
    tx: Tx,
    *,
    device: str,
    readings: list[Reading],
    shown: Pass | None,
    symbology: str | None,
    length: int,
    digest: str,
) -> ScanResult:
    """Note what was read, and do what it is for, all in one: what is refused uses nothing up.

    A member's code greets its member at this place.
    """
    best = readings[0]
    member, refused = "", best.refused
    try:
        if best.kind == "member" and shown is not None and not refused:
            used = code_used(tx, shown, tx.now, purpose="greet", at=device)
            tx.emit(used)
            member = used.member
    except Refusal as refusal:
        refused = refusal.code
    zone = tx.one("SELECT zone FROM devices WHERE device=?", device)
    tx.emit(
        CodeRead(
            device=device,
            zone=zone["zone"] if zone else "",
            kind=best.kind,
            readings=[_for_journal(each) for each in readings],
            symbology=symbology,
            length=length,
            digest=digest,
            member=member,
            refused=refused,
        )
    )
    return ScanResult(best, member, refused)


def _for_journal(reading: Reading) -> ReadingNoted:
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
