"""How each fact changes the tables of baskets, their lines and holds."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.baskets.facts import (
    AgeConfirmed,
    BasketAgeAsked,
    BasketChosen,
    BasketCollectChosen,
    BasketDropped,
    BasketHeld,
    BasketLineAdded,
    BasketLineChanged,
    BasketLineRemoved,
    BasketMerged,
    BasketOpened,
    BasketPaid,
    BasketParked,
    BasketReleased,
    BasketRulesSet,
    BasketTaken,
)
from edge.domain.baskets.rules import MAX_PAIRED, BasketLine, Choices
from edge.journal import Applies, Entry, Rows

SCHEMA: Final = """
CREATE TABLE baskets (
    basket TEXT PRIMARY KEY, member TEXT, session TEXT, state TEXT, revision INTEGER, choices TEXT, order_id TEXT,
    opened_ms INTEGER, changed_ms INTEGER, age_asked INTEGER, age_ms INTEGER, age_seen INTEGER, age_enough INTEGER,
    removed INTEGER, collect TEXT, age_at TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX baskets_of_member ON baskets (member) WHERE state IN ('open','held');
CREATE INDEX baskets_of_session ON baskets (session) WHERE state IN ('open','held');
CREATE INDEX baskets_unpaid ON baskets (changed_ms) WHERE state IN ('open','held');
CREATE INDEX baskets_paid ON baskets (member, changed_ms) WHERE state='paid';
CREATE TABLE basket_lines (
    basket TEXT, place INTEGER, line TEXT, gtin TEXT, quantity INTEGER, definition TEXT, added_ms INTEGER,
    PRIMARY KEY (basket, place)) STRICT, WITHOUT ROWID;
CREATE INDEX basket_line ON basket_lines (line);
CREATE TABLE basket_rules (one INTEGER PRIMARY KEY, rules TEXT) STRICT;
CREATE TABLE basket_requests (
    request TEXT PRIMARY KEY, basket TEXT, line TEXT, gtin TEXT, grams INTEGER, label_price INTEGER, added INTEGER,
    quantity INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE sold_goods (gtin TEXT PRIMARY KEY, baskets INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE sold_together (gtin TEXT, other TEXT, baskets INTEGER, PRIMARY KEY (gtin, other)) STRICT, WITHOUT ROWID;
CREATE TABLE basket_holds (
    basket TEXT PRIMARY KEY, revision INTEGER, total INTEGER, quote TEXT, held_ms INTEGER, until_ms INTEGER,
    fees INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE parked_baskets (
    basket TEXT PRIMARY KEY, seed TEXT, place TEXT, until_ms INTEGER, waits INTEGER, taker TEXT, taken_ms INTEGER,
    into_basket TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX parked_baskets_seed ON parked_baskets (seed);
CREATE INDEX parked_baskets_waiting ON parked_baskets (until_ms) WHERE waits=1;
CREATE INDEX basket_holds_end ON basket_holds (until_ms);
"""

_OVER: Final = "state IN ('merged','dropped','paid') AND changed_ms<=?1"
ENDS: Final = (
    f"DELETE FROM basket_lines WHERE basket IN (SELECT basket FROM baskets WHERE {_OVER})",  # noqa: S608 - our own
    f"DELETE FROM basket_requests WHERE basket IN (SELECT basket FROM baskets WHERE {_OVER})",  # noqa: S608
    f"DELETE FROM parked_baskets WHERE basket IN (SELECT basket FROM baskets WHERE {_OVER})",  # noqa: S608
    f"DELETE FROM baskets WHERE {_OVER}",  # noqa: S608
)
"""Baskets that are over: what was sold stands in the orders."""


def _rules_set(rows: Rows, _: Entry, fact: BasketRulesSet) -> None:
    rows.run("INSERT OR REPLACE INTO basket_rules VALUES (1,?)", (msgspec.json.encode(fact.rules).decode(),))


def _opened(rows: Rows, entry: Entry, fact: BasketOpened) -> None:
    rows.run(
        "INSERT INTO baskets VALUES (?,?,?,'open',0,'{}',NULL,?,?,0,NULL,0,NULL,0,'counter','')",
        (fact.basket, fact.member or None, fact.session or None, entry.wall_ms, entry.wall_ms),
    )


def _touched(rows: Rows, entry: Entry, basket: str) -> None:
    rows.run("UPDATE baskets SET revision=revision+1, changed_ms=? WHERE basket=?", (entry.wall_ms, basket))


def _put(rows: Rows, entry: Entry, basket: str, line: BasketLine) -> None:
    rows.run(
        "INSERT INTO basket_lines SELECT ?1, 1 + coalesce(max(place), 0), ?2, ?3, ?4, ?5, ?6 FROM basket_lines"
        " WHERE basket=?1",
        (
            basket,
            line.line,
            line.gtin,
            line.quantity,
            msgspec.json.encode(line).decode(),
            line.added_ms or entry.wall_ms,
        ),
    )


def _added(rows: Rows, entry: Entry, fact: BasketLineAdded) -> None:
    _put(rows, entry, fact.basket, fact.line)
    line = fact.line
    said = (line.line, fact.basket, line.line, line.gtin, line.grams, line.label_price, line.quantity, line.quantity)
    rows.run("INSERT OR IGNORE INTO basket_requests VALUES (?,?,?,?,?,?,?,?)", said)
    _touched(rows, entry, fact.basket)


def _changed(rows: Rows, entry: Entry, fact: BasketLineChanged) -> None:
    if fact.request:
        rows.run(
            "INSERT OR IGNORE INTO basket_requests"
            " SELECT ?1, basket, line, gtin, NULL, NULL, ?2-quantity, ?2 FROM basket_lines WHERE basket=?3 AND line=?4",
            (fact.request, fact.quantity, fact.basket, fact.line),
        )
    rows.run("UPDATE basket_lines SET quantity=? WHERE basket=? AND line=?", (fact.quantity, fact.basket, fact.line))
    _touched(rows, entry, fact.basket)


def _removed(rows: Rows, entry: Entry, fact: BasketLineRemoved) -> None:
    rows.run("DELETE FROM basket_lines WHERE basket=? AND line=?", (fact.basket, fact.line))
    rows.run("UPDATE baskets SET removed=removed+? WHERE basket=?", (fact.scanned, fact.basket))
    _touched(rows, entry, fact.basket)


def _merged(rows: Rows, entry: Entry, fact: BasketMerged) -> None:
    for line in fact.lines:
        _put(rows, entry, fact.basket, line)
    rows.run(
        "UPDATE baskets SET removed=baskets.removed+o.removed, collect=iif(baskets.collect='counter', o.collect,"
        " baskets.collect) FROM baskets o WHERE baskets.basket=?1 AND o.basket=?2",
        (fact.basket, fact.other),
    )
    _touched(rows, entry, fact.basket)
    _over(rows, entry, fact.other, "merged")


def _over(rows: Rows, entry: Entry, basket: str, state: str) -> None:
    rows.run("UPDATE baskets SET state=?, changed_ms=? WHERE basket=?", (state, entry.wall_ms, basket))
    rows.run("DELETE FROM basket_holds WHERE basket=?", (basket,))
    rows.run("UPDATE parked_baskets SET waits=0 WHERE basket=?", (basket,))


def _parked(rows: Rows, _: Entry, fact: BasketParked) -> None:
    rows.run(
        "INSERT OR REPLACE INTO parked_baskets VALUES (?,?,?,?,1,NULL,NULL,NULL)",
        (fact.basket, fact.seed, fact.place, fact.until_ms),
    )


def _taken(rows: Rows, entry: Entry, fact: BasketTaken) -> None:
    rows.run(
        "UPDATE parked_baskets SET taker=?, taken_ms=?, into_basket=? WHERE basket=?",
        (fact.by, entry.wall_ms, fact.into, fact.basket),
    )


def _chosen(rows: Rows, entry: Entry, fact: BasketChosen) -> None:
    choices = Choices(fact.pins, fact.without, fact.burn, fact.paid_by)
    rows.run("UPDATE baskets SET choices=? WHERE basket=?", (msgspec.json.encode(choices).decode(), fact.basket))
    _touched(rows, entry, fact.basket)


def _collect_chosen(rows: Rows, _: Entry, fact: BasketCollectChosen) -> None:
    rows.run("UPDATE baskets SET collect=? WHERE basket=?", (fact.collect, fact.basket))


def _held(rows: Rows, entry: Entry, fact: BasketHeld) -> None:
    rows.run("UPDATE baskets SET state='held' WHERE basket=?", (fact.basket,))
    rows.run(
        "INSERT OR REPLACE INTO basket_holds VALUES (?,?,?,?,?,?,?)",
        (
            fact.basket,
            fact.revision,
            fact.quote.total,
            msgspec.json.encode(fact.quote).decode(),
            entry.wall_ms,
            fact.until_ms,
            fact.fees,
        ),
    )


def _released(rows: Rows, _: Entry, fact: BasketReleased) -> None:
    rows.run("UPDATE baskets SET state='open' WHERE basket=? AND state='held'", (fact.basket,))
    rows.run("DELETE FROM basket_holds WHERE basket=?", (fact.basket,))


def _paid(rows: Rows, entry: Entry, fact: BasketPaid) -> None:
    rows.run("UPDATE baskets SET order_id=? WHERE basket=?", (fact.order, fact.basket))
    _over(rows, entry, fact.basket, "paid")
    # Which goods go together, counted as they are sold; of nobody, and never again by reading every basket.
    rows.run(
        "INSERT INTO sold_goods SELECT gtin, 1 FROM (SELECT '' AS gtin UNION SELECT gtin FROM basket_lines"
        " WHERE basket=?) WHERE true ON CONFLICT (gtin) DO UPDATE SET baskets=baskets+1",
        (fact.basket,),
    )
    rows.run(
        "WITH own AS (SELECT DISTINCT gtin FROM basket_lines WHERE basket=?)"
        " INSERT INTO sold_together SELECT a.gtin, b.gtin, 1 FROM own a JOIN own b ON a.gtin<>b.gtin"
        " WHERE (SELECT count(*) FROM own)<=? ON CONFLICT (gtin, other) DO UPDATE SET baskets=baskets+1",
        (fact.basket, MAX_PAIRED),
    )


def _dropped(rows: Rows, entry: Entry, fact: BasketDropped) -> None:
    _over(rows, entry, fact.basket, "dropped")


def _age_asked(rows: Rows, entry: Entry, fact: BasketAgeAsked) -> None:
    rows.run(
        "UPDATE baskets SET age_asked=?, age_ms=?, age_at=?, age_enough=NULL WHERE basket=?",
        (fact.age, entry.wall_ms, fact.at, fact.basket),
    )


def _age_confirmed(rows: Rows, _: Entry, fact: AgeConfirmed) -> None:
    rows.run(
        "UPDATE baskets SET age_seen=iif(?1, max(age_seen, ?2), age_seen), age_enough=?1 WHERE basket=?3",
        (fact.enough, fact.age, fact.basket),
    )


APPLIES: Final[Applies] = {
    BasketRulesSet: _rules_set,
    BasketOpened: _opened,
    BasketLineAdded: _added,
    BasketLineChanged: _changed,
    BasketLineRemoved: _removed,
    BasketMerged: _merged,
    BasketChosen: _chosen,
    BasketCollectChosen: _collect_chosen,
    BasketHeld: _held,
    BasketReleased: _released,
    BasketPaid: _paid,
    BasketDropped: _dropped,
    BasketParked: _parked,
    BasketTaken: _taken,
    BasketAgeAsked: _age_asked,
    AgeConfirmed: _age_confirmed,
}
