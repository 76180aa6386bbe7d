"""What is asked of the store itself: what it is, its zones, its keys, and whether its clock waits for somebody."""

from __future__ import annotations

import msgspec

from edge.domain.needs import SOON, Need
from edge.domain.store.facts import StoreDescribed
from edge.journal import Reads
from words.languages import Wording


class KeyTaken(msgspec.Struct, frozen=True):
    """A key that the store worked with."""

    check: str
    """Names the key without telling it."""
    why: str
    sealed: int
    """How many sealed numbers the journal held then."""
    at_ms: int


def keys_taken(reads: Reads) -> list[KeyTaken]:
    """Every key that the store worked with, the latest first."""
    return [
        KeyTaken(*row) for row in reads.all("SELECT key_check, why, sealed, at_ms FROM store_keys ORDER BY place DESC")
    ]


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


def latest_ms(reads: Reads) -> int:
    """Returns the latest time that the store has had: its own, or the one from before its clock was set back."""
    row = reads.one("SELECT until_ms FROM clock_ahead")
    return max(reads.now, row["until_ms"] if row else 0)


def _spelled(by_ms: int) -> str:
    """Hours and minutes, with a sign: `-30:00`."""
    minutes, seconds = divmod(abs(by_ms) // 1000, 60)
    text = f"{minutes // 60}:{minutes % 60:02}" if minutes else f"0:00:{seconds:02}"
    return f"{'+' if by_ms > 0 else '-'}{text}"


class Zone(msgspec.Struct, frozen=True):
    """One area of the store."""

    id: str
    name: Wording
    plan: tuple[float, float, float, float]
    """Left, top, width, height on the floor plan, in metres."""


def zones(reads: Reads) -> tuple[Zone, ...]:
    """Every zone, in the order in which they were set up."""
    return tuple(
        Zone(row["zone"], Wording(msgspec.json.decode(row["name"])), tuple(msgspec.json.decode(row["plan"])))
        for row in reads.all("SELECT zone, name, plan FROM zones ORDER BY rowid")
    )


def profile(reads: Reads) -> StoreDescribed | None:
    """What was said last of the store; none where nothing was said yet."""
    row = reads.one("SELECT described FROM store_profile")
    return msgspec.json.decode(row["described"], type=StoreDescribed) if row else None


def zone_name(reads: Reads, zone: str) -> Wording:
    """Returns the name of a zone; empty where the store has none of that id."""
    row = reads.one("SELECT name FROM zones WHERE zone=?", zone)
    return Wording(msgspec.json.decode(row["name"])) if row else Wording({})
