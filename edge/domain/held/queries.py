"""What a later build recorded something about that this build does not know: it is left alone, and staff see it.

The journal holds such subjects (`edge.journal.unknown`) and refuses facts that a noun guards. Here is what lists need,
so that nothing is offered which would be refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edge.domain.needs import LOOK, Need
from edge.domain.noun import Metric
from edge.journal import Reads

CART: Final = "EXISTS (SELECT 1 FROM held_subjects h WHERE h.kind IN ('cart','device') AND h.subject=c.cart)"
"""Of a row `c` of carts."""
DOOR: Final = """EXISTS (SELECT 1 FROM held_subjects h WHERE h.kind IN ('bank','device') AND h.subject=d.bank
    OR h.kind='door' AND h.subject=d.bank||'/'||d.door)"""
"""Of a row `d` of doors: by itself, or with its bank."""
BANK: Final = "EXISTS (SELECT 1 FROM held_subjects h WHERE h.kind IN ('bank','device') AND h.subject=d.bank)"
SALE: Final = "EXISTS (SELECT 1 FROM held_subjects h WHERE h.kind='order' AND h.subject=c.sale)"
"""Of a row `c` of commissions."""
MAX_NAMED: Final = 20
"""So many are named one by one."""


def coupons(reads: Reads) -> frozenset[str]:
    """Returns the campaigns and coupons that are held."""
    return frozenset(row["subject"] for row in reads.all("SELECT subject FROM held_subjects WHERE kind='coupon'"))


def needs(reads: Reads, now: int) -> list[Need]:  # noqa: ARG001 - the same for every noun
    """A line for each that is held, and one for the rest of many."""
    rows = reads.all("SELECT * FROM held_subjects ORDER BY at_ms DESC, kind, subject LIMIT ?", MAX_NAMED)
    found = [
        Need(
            id=f"held/{row['kind']}/{row['subject']}",
            urgency=LOOK,
            device="",
            kind="held",
            since_ms=row["at_ms"],
            details={"name": row["subject"], "subject": row["subject"], "type": row["type"]},
        )
        for row in rows
    ]
    count = reads.one("SELECT count(*) AS n, min(at_ms) AS since FROM held_subjects")
    if count is not None and count["n"] > MAX_NAMED:
        more = {"count": count["n"] - MAX_NAMED}
        found.append(Need(id="held", urgency=LOOK, device="", kind="held_more", since_ms=count["since"], details=more))
    return found


def metrics(reads: Reads) -> Iterable[Metric]:
    row = reads.one("SELECT sum(count) AS n FROM unknown_facts")
    count = (row["n"] if row else 0) or 0
    yield Metric("storekeeper_unknown_facts", "Facts of a later version: kept, synced and not applied", {(): count})
