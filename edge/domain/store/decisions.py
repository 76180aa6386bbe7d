"""What the store consists of: the zones on its floor plan, the key that it works with, and its clock.

Jumps of the box's clock are facts, and by themselves they charge, end and remind of nothing. The store's key is known
by a value that a key is checked against and that tells nothing of it: without it a lost or foreign key would be noticed
by nobody until all codes, sessions and sealed numbers were worthless.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.domain.callers import asked_by
from edge.domain.store.facts import (
    ClockAgreed,
    ClockConfirmed,
    ClockJumped,
    ClockSet,
    KeyReason,
    StoreDescribed,
    StoreKeyTaken,
    ZoneDefined,
    ZoneRemoved,
)
from edge.domain.store.queries import profile
from edge.domain.store.rules import MINUTE_MS
from edge.journal import ClockStep, Tx


@asked_by("store")
def describe(tx: Tx, described: StoreDescribed) -> None:
    """Take over what the store is; only what differs becomes a fact."""
    if profile(tx) != described:
        tx.emit(described)


@asked_by("store")
def define_zones(tx: Tx, zones: Sequence[ZoneDefined]) -> None:
    """Take over the configured zones; only what differs becomes a fact."""
    known = {row["zone"]: row["definition"] for row in tx.all("SELECT zone, definition FROM zones")}
    for zone in zones:
        if known.pop(zone.zone, None) != msgspec.json.encode(zone).decode():
            tx.emit(zone)
    for gone in known:
        tx.emit(ZoneRemoved(zone=gone))


@asked_by("store")
def take_key(tx: Tx, *, check: str, why: KeyReason, sealed: int) -> None:
    """Record that the store works with this key."""
    tx.emit(StoreKeyTaken(check=check, why=why, sealed=sealed))


@asked_by("store")
def check_clock(tx: Tx, *, apart_ms: int) -> str:
    """Note that the clock jumped, by how much otherwise, or that it came back. Returns who confirmed it, or ""."""
    row = tx.one("SELECT by_ms, confirmed FROM clock_doubts")
    if apart_ms and (row is None or abs(row["by_ms"] - apart_ms) > MINUTE_MS):
        tx.emit(ClockJumped(by_ms=apart_ms))
        return ""
    if not apart_ms and row is not None:
        tx.emit(ClockAgreed())
        return ""
    return str(row["confirmed"] or "") if row is not None else ""


@asked_by("staff")
def confirm_clock(tx: Tx, *, staff: str) -> None:
    """Staff says that the box's clock is right. Refuses: bad_request where nothing is in doubt."""
    row = tx.one("SELECT confirmed FROM clock_doubts")
    if row is None:
        raise tx.refuse("bad_request", field="target")
    if not row["confirmed"]:
        tx.emit(ClockConfirmed(staff=staff))


def clock_set(step: ClockStep) -> ClockSet:
    """The fact of a jump that is followed."""
    return ClockSet(by_ms=step.by_ms, passed=step.passed, why=step.why)
