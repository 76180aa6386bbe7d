"""How each fact changes the tables of zones, keys and the clock."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.store.facts import (
    ClockAgreed,
    ClockConfirmed,
    ClockJumped,
    ClockSet,
    StoreDescribed,
    StoreKeyTaken,
    ZoneDefined,
    ZoneRemoved,
)
from edge.domain.store.rules import ELAPSING
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE store_profile (one INTEGER PRIMARY KEY, described TEXT) STRICT;
CREATE TABLE zones (zone TEXT PRIMARY KEY, name TEXT, plan TEXT, definition TEXT) STRICT;
CREATE TABLE store_keys (place INTEGER PRIMARY KEY, key_check TEXT, why TEXT, sealed INTEGER, at_ms INTEGER) STRICT;
CREATE TABLE clock_doubts (one INTEGER PRIMARY KEY, by_ms INTEGER, confirmed TEXT, since_ms INTEGER) STRICT;
CREATE TABLE clock_ahead (one INTEGER PRIMARY KEY, until_ms INTEGER) STRICT;
"""


def _described(rows: Rows, entry: Entry, _: StoreDescribed) -> None:
    rows.run("INSERT OR REPLACE INTO store_profile VALUES (1,?)", (entry.body.decode(),))


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


def _taken(rows: Rows, entry: Entry, fact: StoreKeyTaken) -> None:
    rows.run(
        "INSERT INTO store_keys VALUES (?,?,?,?,?)", (entry.sequence, fact.check, fact.why, fact.sealed, entry.wall_ms)
    )


def _jumped(rows: Rows, entry: Entry, fact: ClockJumped) -> None:
    rows.run("INSERT OR REPLACE INTO clock_doubts VALUES (1,?,NULL,?)", (fact.by_ms, entry.wall_ms))


def _confirmed(rows: Rows, _: Entry, fact: ClockConfirmed) -> None:
    rows.run("UPDATE clock_doubts SET confirmed=?", (fact.staff,))


def _set(rows: Rows, entry: Entry, fact: ClockSet) -> None:
    rows.run("DELETE FROM clock_doubts", ())
    if fact.by_ms < 0:
        rows.run(
            "INSERT INTO clock_ahead VALUES (1,?) ON CONFLICT (one) DO UPDATE SET until_ms=max(until_ms,"
            " excluded.until_ms)",
            (entry.wall_ms,),
        )
    if not fact.passed:
        for table, columns in ELAPSING.items():
            moved = ", ".join(f"{column}={column}+{fact.by_ms:d}" for column in columns)
            rows.run(f"UPDATE {table} SET {moved}", ())  # noqa: S608 - names of ours, an integer


def _agreed(rows: Rows, _: Entry, __: ClockAgreed) -> None:
    rows.run("DELETE FROM clock_doubts", ())


APPLIES: Final[Applies] = {
    StoreDescribed: _described,
    ZoneDefined: _defined,
    ZoneRemoved: _removed,
    StoreKeyTaken: _taken,
    ClockJumped: _jumped,
    ClockConfirmed: _confirmed,
    ClockSet: _set,
    ClockAgreed: _agreed,
}
