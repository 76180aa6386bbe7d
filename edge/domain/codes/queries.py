"""What is asked of reads: who was greeted where."""

from __future__ import annotations

from typing import Final

from edge.journal import Reads

STAY_MS: Final = 3 * 60_000
"""How long a place belongs to the member who was greeted there."""


def member_at(reads: Reads, device: str, now_ms: int) -> str | None:
    """The member who was greeted at this place last, while that is not longer ago than `STAY_MS`."""
    row = reads.one("SELECT member, greeted_ms FROM code_reads WHERE device=?", device)
    return row["member"] if row and row["member"] and 0 <= now_ms - row["greeted_ms"] <= STAY_MS else None
