"""What is asked of the store itself: its keys, and whether its clock waits for somebody."""

from __future__ import annotations

import sqlite3

from edge.domain.needs import SOON, Need
from edge.journal import Reads


def keys_taken(reads: Reads) -> list[sqlite3.Row]:
    """Every key that the store worked with, the latest first: key_check, why, sealed, at_ms."""
    return reads.all("SELECT key_check, why, sealed, at_ms FROM store_keys ORDER BY place DESC")


def needs(reads: Reads, now: int) -> list[Need]:  # noqa: ARG001 - the same for every noun
    """A clock that jumped waits for somebody who knows the time."""
    return [
        Need(
            id="clock",
            urgency=SOON,
            device="",
            kind="clock_jumped",
            since_ms=row["since_ms"],
            details={"by": _spelled(row["by_ms"])},
            action="set_clock",
        )
        for row in reads.all("SELECT * FROM clock_doubts WHERE confirmed IS NULL")
    ]


def _spelled(by_ms: int) -> str:
    """Hours and minutes, with a sign: `-30:00`."""
    minutes, seconds = divmod(abs(by_ms) // 1000, 60)
    text = f"{minutes // 60}:{minutes % 60:02}" if minutes else f"0:00:{seconds:02}"
    return f"{'+' if by_ms > 0 else '-'}{text}"
