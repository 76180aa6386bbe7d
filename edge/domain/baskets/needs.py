"""What staff must see of baskets: somebody waits for their age to be looked at."""

from __future__ import annotations

from edge.domain.baskets.queries import now as basket_now
from edge.domain.devices.queries import device
from edge.domain.needs import NOW, Need
from edge.domain.touchpoints.queries import touchpoint
from edge.journal import Reads

PATIENCE_MS = 30 * 60_000
"""Whoever has not come to pay by then has left."""


def needs(reads: Reads, now: int) -> list[Need]:
    """Somebody is standing there: each basket that waits for an age to be looked at."""
    rows = reads.all(
        "SELECT basket, age_asked, age_ms, age_at FROM baskets WHERE state IN ('open','held')"
        " AND age_asked>age_seen AND age_enough IS NULL AND age_ms>? ORDER BY age_ms",
        now - PATIENCE_MS,
    )
    found = []
    for row in rows:
        basket = basket_now(reads, row["basket"])
        if basket is None or not basket.lines:
            continue
        at = row["age_at"] or next((line.at for line in reversed(basket.lines) if line.at), "")
        zone, point = _whereabouts(reads, at)
        details = {"age": row["age_asked"], "basket": row["basket"], "zone": zone, "touchpoint": point}
        found.append(Need(f"age:{row['basket']}", NOW, "", "age_check", row["age_ms"], details))
    return found


def _whereabouts(reads: Reads, at: str) -> tuple[str, str]:
    """Zone and code of where the buyer scanned something last; empty where nobody knows."""
    point = touchpoint(reads, at) if at else None
    if point is not None:
        return point.zone, point.id
    found = device(reads, at) if at else None
    return (found.zone, "") if found is not None else ("", "")
