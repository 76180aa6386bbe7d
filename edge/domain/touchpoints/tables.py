"""How each fact changes the tables of touchpoints."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.touchpoints.facts import TouchpointDefined, TouchpointRemoved, TouchpointScanned
from edge.domain.touchpoints.rules import VIEW_MS
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE touchpoints (
    touchpoint TEXT PRIMARY KEY, purpose TEXT, zone TEXT, device TEXT, label TEXT, at TEXT, definition TEXT) STRICT;
CREATE TABLE scans (
    touchpoint TEXT, visitor TEXT, last_ms INTEGER, PRIMARY KEY (touchpoint, visitor)) STRICT, WITHOUT ROWID;
CREATE INDEX scans_of_late ON scans (last_ms);
"""


def _defined(rows: Rows, entry: Entry, fact: TouchpointDefined) -> None:
    rows.run(
        "INSERT OR REPLACE INTO touchpoints VALUES (?,?,?,?,?,?,?)",
        (
            fact.touchpoint,
            fact.purpose,
            fact.zone,
            fact.device,
            msgspec.json.encode(fact.label).decode(),
            msgspec.json.encode(fact.at).decode(),
            entry.body.decode(),
        ),
    )


def _removed(rows: Rows, _: Entry, fact: TouchpointRemoved) -> None:
    rows.run("DELETE FROM touchpoints WHERE touchpoint=?", (fact.touchpoint,))


def _scanned(rows: Rows, entry: Entry, fact: TouchpointScanned) -> None:
    rows.run("DELETE FROM scans WHERE last_ms < ?", (entry.wall_ms - VIEW_MS,))
    rows.run("INSERT OR REPLACE INTO scans VALUES (?,?,?)", (fact.touchpoint, fact.visitor, entry.wall_ms))


APPLIES: Final[Applies] = {
    TouchpointDefined: _defined,
    TouchpointRemoved: _removed,
    TouchpointScanned: _scanned,
}
