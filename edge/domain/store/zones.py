"""The parts of the store, as they lie on its floor plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from edge.domain.callers import asked_by
from edge.journal import Applies, Entry, Fact, Rows, Tx
from words.languages import Words


class ZoneDefined(Fact, frozen=True, tag="zone.defined.v1"):
    """A zone has this name and this place."""

    zone: str
    name: Words
    plan: tuple[float, float, float, float]
    """Left, top, width, height on the floor plan, in metres."""


class ZoneRemoved(Fact, frozen=True, tag="zone.removed.v1"):
    """The store has this zone no more."""

    zone: str


@asked_by("store")
def define(tx: Tx, zones: Sequence[ZoneDefined]) -> None:
    """Take over the configured zones; only what differs becomes a fact."""
    known = {row["zone"]: row["definition"] for row in tx.all("SELECT zone, definition FROM zones")}
    for zone in zones:
        if known.pop(zone.zone, None) != msgspec.json.encode(zone).decode():
            tx.emit(zone)
    for gone in known:
        tx.emit(ZoneRemoved(zone=gone))


def _defined(rows: Rows, entry: Entry, fact: ZoneDefined) -> None:
    rows.run(
        "INSERT OR REPLACE INTO zones VALUES (?,?,?,?)",
        (
            fact.zone,
            msgspec.json.encode(fact.name).decode(),
            msgspec.json.encode(fact.plan).decode(),
            entry.body.decode(),
        ),
    )


def _removed(rows: Rows, _: Entry, fact: ZoneRemoved) -> None:
    rows.run("DELETE FROM zones WHERE zone=?", (fact.zone,))


SCHEMA: Final = "CREATE TABLE zones (zone TEXT PRIMARY KEY, name TEXT, plan TEXT, definition TEXT) STRICT;"
APPLIES: Final[Applies] = {ZoneDefined: _defined, ZoneRemoved: _removed}
