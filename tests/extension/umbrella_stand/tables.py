"""How each fact changes the tables."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.journal import Applies, Entry, Rows, id_text
from umbrella_stand.facts import (
    UmbrellaFreed,
    UmbrellaLapsed,
    UmbrellaLent,
    UmbrellaReturned,
    UmbrellaRulesSet,
    UmbrellaSeen,
    UmbrellaShown,
    UmbrellaStuck,
)

SCHEMA: Final = """
CREATE TABLE umbrella_rules (one INTEGER PRIMARY KEY, rules TEXT) STRICT;
CREATE TABLE umbrella_places (stand TEXT, door TEXT, there INTEGER, PRIMARY KEY (stand, door)) STRICT;
CREATE TABLE umbrella_loans (
    grant_id TEXT PRIMARY KEY, stand TEXT, door TEXT, member TEXT, request TEXT UNIQUE, state TEXT, observed INTEGER,
    hop TEXT, reason TEXT, ended_ms INTEGER, back_ms INTEGER) STRICT, WITHOUT ROWID;
"""


def _rules_set(rows: Rows, _: Entry, fact: UmbrellaRulesSet) -> None:
    rows.run("INSERT OR REPLACE INTO umbrella_rules VALUES (1,?)", (msgspec.json.encode(fact.rules).decode(),))


def _seen(rows: Rows, _: Entry, fact: UmbrellaSeen) -> None:
    for door, there in fact.places.items():
        rows.run("INSERT OR REPLACE INTO umbrella_places VALUES (?,?,?)", (fact.stand, door, there))


def _lent(rows: Rows, entry: Entry, fact: UmbrellaLent) -> None:
    loan = (id_text(entry.id), fact.stand, fact.door, fact.member, fact.request)
    rows.run("INSERT INTO umbrella_loans VALUES (?,?,?,?,?,'granted',0,NULL,NULL,NULL,NULL)", loan)


def _freed(rows: Rows, entry: Entry, fact: UmbrellaFreed) -> None:
    rows.run("UPDATE umbrella_loans SET state='unlocked', ended_ms=? WHERE grant_id=?", (entry.wall_ms, fact.grant))


def _ended(rows: Rows, entry: Entry, fact: UmbrellaStuck | UmbrellaLapsed) -> None:
    state = "failed" if isinstance(fact, UmbrellaStuck) else "lapsed"
    rows.run(
        "UPDATE umbrella_loans SET state=?, hop=?, reason=?, ended_ms=? WHERE grant_id=?",
        (state, fact.hop, fact.reason, entry.wall_ms, fact.grant),
    )


def _returned(rows: Rows, entry: Entry, fact: UmbrellaReturned) -> None:
    rows.run("UPDATE umbrella_loans SET back_ms=? WHERE grant_id=?", (entry.wall_ms, fact.grant))
    rows.run("INSERT OR REPLACE INTO umbrella_places VALUES (?,?,1)", (fact.stand, fact.door))


def _nothing(_: Rows, _entry: Entry, _fact: UmbrellaShown) -> None:
    """It orders a screen, and is in no table."""


APPLIES: Final[Applies] = {
    UmbrellaRulesSet: _rules_set,
    UmbrellaSeen: _seen,
    UmbrellaLent: _lent,
    UmbrellaFreed: _freed,
    UmbrellaStuck: _ended,
    UmbrellaLapsed: _ended,
    UmbrellaShown: _nothing,
    UmbrellaReturned: _returned,
}
