"""What is recorded of the box."""

from __future__ import annotations

from edge.domain.box.facts import BoxNoted, TelemetryLost, UpdateWaits, UpdateWanted
from edge.domain.box.queries import last, newest
from edge.domain.box.rules import HOUR_MS, words_of
from edge.domain.callers import asked_by
from edge.journal import Fact, Tx


@asked_by("store")
def record(tx: Tx, fact: Fact) -> bool:
    """Record what happened to the box. False where the last word on the subject says the same already."""
    said = newest(tx, words_of(type(fact))[0], getattr(fact, "about", ""))
    if said is not None and said.fact == fact:
        return False
    tx.emit(fact)
    return True


@asked_by("store")
def record_losses(tx: Tx, *, going_on: bool) -> int:
    """State what was not recorded, with its span: once that is over, or each hour of it. Returns how many facts."""
    rows = tx.all("SELECT * FROM losses ORDER BY type")
    if not rows or (going_on and tx.now - min(row["first_ms"] for row in rows) < HOUR_MS):
        return 0
    types: dict[str, int] = {}
    for row in rows:
        types[row["type"]] = types.get(row["type"], 0) + row["count"]
    count = sum(types.values())
    from_ms, to_ms = min(row["first_ms"] for row in rows), max(row["last_ms"] for row in rows)
    tx.emit(TelemetryLost(count=count, types=types, from_ms=from_ms, to_ms=to_ms))
    tx.settle_losses()
    return count


@asked_by("staff")
def acknowledge(tx: Tx, *, subject: str, about: str, staff: str) -> None:
    """Somebody has seen what went wrong. Refuses: bad_request where nothing did."""
    if newest(tx, subject, about) is None:
        raise tx.refuse("bad_request", field="target")
    tx.emit(BoxNoted(subject=subject, about=about, staff=staff))


@asked_by("staff")
def request_update(tx: Tx, *, staff: str) -> None:
    """The version that waits may come now. Refuses: bad_request where none waits."""
    if last(tx, UpdateWaits) is None:
        raise tx.refuse("bad_request", field="target")
    tx.emit(UpdateWanted(staff=staff))
