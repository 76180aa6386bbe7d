"""How each fact of the carts changes the tables of carts, grants and their care."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.carts.facts import (
    CartAdded,
    CartBatteryDead,
    CartBatteryGood,
    CartBatteryLow,
    CartDepositHeld,
    CartDepositReturned,
    CartDockSeen,
    CartFindAsked,
    CartReleased,
    CartRemoved,
    CartReturned,
    CartRulesSet,
    CartSeen,
    CartTooLongAway,
    CartUnlocked,
    CartUnlockFailed,
    CartUnlockGranted,
    CartUnlockLapsed,
    CartZoneSeen,
)
from edge.domain.carts.rules import is_away
from edge.journal import Applies, Entry, Rows, id_text

SCHEMA: Final = """
CREATE TABLE carts (
    cart TEXT PRIMARY KEY, state TEXT, member TEXT, grant_id TEXT, last_grant TEXT, fence INTEGER,
    lock TEXT, docked INTEGER, left_dock INTEGER, changed_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_cart_a_member ON carts (member) WHERE member IS NOT NULL;
CREATE INDEX carts_waiting ON carts (docked) WHERE member IS NOT NULL;
CREATE TABLE grants (
    grant_id TEXT PRIMARY KEY, cart TEXT, member TEXT, request TEXT UNIQUE, fence INTEGER, state TEXT, hop TEXT,
    reason TEXT, observed INTEGER, granted_ms INTEGER, ended_ms INTEGER,
    again INTEGER, home_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX open_grants ON grants (state) WHERE state='granted';
CREATE TABLE cart_rules (one INTEGER PRIMARY KEY, rules TEXT) STRICT;
CREATE TABLE cart_care (
    cart TEXT PRIMARY KEY, low INTEGER, low_ms INTEGER, zone TEXT, dock TEXT, find_ms INTEGER,
    late_grant TEXT, late_ms INTEGER, dead INTEGER) STRICT;
CREATE TABLE cart_deposits (
    grant_id TEXT PRIMARY KEY, cart TEXT, member TEXT, amount INTEGER, returned_ms INTEGER) STRICT;
CREATE INDEX open_deposits ON cart_deposits (cart) WHERE returned_ms IS NULL;
"""

ENDS: Final = (
    """DELETE FROM grants WHERE ended_ms<=?1 AND state<>'granted'
        AND grant_id NOT IN (SELECT grant_id FROM carts WHERE grant_id IS NOT NULL)
        AND grant_id NOT IN (SELECT last_grant FROM carts WHERE last_grant IS NOT NULL)""",
)
"""Rides that are over: who has a cart now, and how each cart was unlocked last, stays."""


def _added(rows: Rows, _: Entry, fact: CartAdded) -> None:
    rows.run("INSERT INTO carts VALUES (?,'docked',NULL,NULL,NULL,0,'unknown',NULL,0,0)", (fact.cart,))


def _removed(rows: Rows, _: Entry, fact: CartRemoved) -> None:
    rows.run("DELETE FROM carts WHERE cart=?", (fact.cart,))


def _granted(rows: Rows, entry: Entry, fact: CartUnlockGranted) -> None:
    grant = id_text(entry.id)
    rows.run(
        "INSERT INTO grants SELECT ?,?,?,?,?,'granted',NULL,NULL,0,?,NULL, state='out', NULL FROM carts WHERE cart=?",
        (grant, fact.cart, fact.member, fact.request, fact.fence, entry.wall_ms, fact.cart),
    )
    rows.run(
        "UPDATE carts SET left_dock=(left_dock AND state='out'), state='granted', member=?, grant_id=?, last_grant=?,"
        " fence=?, changed_ms=? WHERE cart=?",
        (fact.member, grant, grant, fact.fence, entry.wall_ms, fact.cart),
    )


def _unlocked(rows: Rows, entry: Entry, fact: CartUnlocked) -> None:
    rows.run(
        "UPDATE grants SET state='unlocked', hop=NULL, reason=NULL, observed=max(observed, ?), ended_ms=?"
        " WHERE grant_id=?",
        (fact.outcome == "observed", entry.wall_ms, fact.grant),
    )
    if not fact.taken:
        return
    values = (fact.grant, entry.wall_ms, fact.cart)
    if not rows.run(_OUT, values).rowcount:
        rows.run(_OUT_LATE, values)


_OUT: Final = """
UPDATE carts SET state='out', changed_ms=?2, left_dock=max(left_dock, (SELECT observed FROM grants WHERE grant_id=?1))
WHERE cart=?3 AND grant_id=?1
"""
_OUT_LATE: Final = """
UPDATE carts SET state='out', member=(SELECT member FROM grants WHERE grant_id=?1), grant_id=?1,
    left_dock=max(left_dock, (SELECT observed FROM grants WHERE grant_id=?1)), changed_ms=?2
WHERE cart=?3
"""
"""The grant had ended already, and the cart was nobody's: to say whose it is again writes to the index of members."""


def _ended(rows: Rows, entry: Entry, fact: CartUnlockFailed | CartUnlockLapsed) -> None:
    state = "failed" if isinstance(fact, CartUnlockFailed) else "lapsed"
    rows.run(
        "UPDATE grants SET state=?, hop=?, reason=?, ended_ms=? WHERE grant_id=?",
        (state, fact.hop, fact.reason, entry.wall_ms, fact.grant),
    )
    # A second unlock of a cart that is out leaves it out, however it ends.
    rows.run(
        "UPDATE carts SET state=iif(g.again, 'out', 'docked'), member=iif(g.again, g.member, NULL),"
        " grant_id=iif(g.again, g.grant_id, NULL), changed_ms=?1 FROM grants g"
        " WHERE g.grant_id=?2 AND carts.grant_id=?2",
        (entry.wall_ms, fact.grant),
    )


def _seen(rows: Rows, entry: Entry, fact: CartSeen) -> None:
    away = is_away(fact.lock, fact.docked)
    rows.run(
        "UPDATE carts SET lock=?, docked=?, left_dock=max(left_dock, ? AND member IS NOT NULL), changed_ms=?"
        " WHERE cart=?",
        (fact.lock, fact.docked, away, entry.wall_ms, fact.cart),
    )
    if away:
        rows.run("UPDATE grants SET observed=1 WHERE grant_id=(SELECT grant_id FROM carts WHERE cart=?)", (fact.cart,))


def _returned(rows: Rows, entry: Entry, fact: CartReturned | CartReleased) -> None:
    rows.run(
        "UPDATE carts SET state='docked', member=NULL, grant_id=NULL, left_dock=0, changed_ms=? WHERE cart=?",
        (entry.wall_ms, fact.cart),
    )
    rows.run("UPDATE grants SET home_ms=? WHERE grant_id=?", (entry.wall_ms, fact.grant))


def _row(rows: Rows, cart: str) -> None:
    rows.run("INSERT OR IGNORE INTO cart_care (cart) VALUES (?)", (cart,))


def _rules_set(rows: Rows, _: Entry, fact: CartRulesSet) -> None:
    rows.run("INSERT OR REPLACE INTO cart_rules VALUES (1,?)", (msgspec.json.encode(fact.rules).decode(),))


def _find_asked(rows: Rows, entry: Entry, fact: CartFindAsked) -> None:
    _row(rows, fact.cart)
    rows.run("UPDATE cart_care SET find_ms=? WHERE cart=?", (entry.wall_ms, fact.cart))


def _low(rows: Rows, entry: Entry, fact: CartBatteryLow | CartBatteryGood) -> None:
    _row(rows, fact.cart)
    is_low = isinstance(fact, CartBatteryLow)
    rows.run("UPDATE cart_care SET low=?, low_ms=?, dead=0 WHERE cart=?", (is_low, entry.wall_ms, fact.cart))


def _dead(rows: Rows, _: Entry, fact: CartBatteryDead) -> None:
    _row(rows, fact.cart)
    rows.run("UPDATE cart_care SET dead=1 WHERE cart=?", (fact.cart,))


def _too_long(rows: Rows, entry: Entry, fact: CartTooLongAway) -> None:
    _row(rows, fact.cart)
    rows.run("UPDATE cart_care SET late_grant=?, late_ms=? WHERE cart=?", (fact.grant, entry.wall_ms, fact.cart))


def _zone_seen(rows: Rows, _: Entry, fact: CartZoneSeen) -> None:
    _row(rows, fact.cart)
    rows.run("UPDATE cart_care SET zone=? WHERE cart=?", (fact.zone, fact.cart))


def _dock_seen(rows: Rows, _: Entry, fact: CartDockSeen) -> None:
    _row(rows, fact.cart)
    rows.run("UPDATE cart_care SET dock=? WHERE cart=?", (fact.dock, fact.cart))


def _held(rows: Rows, _: Entry, fact: CartDepositHeld) -> None:
    rows.run("INSERT INTO cart_deposits VALUES (?,?,?,?,NULL)", (fact.grant, fact.cart, fact.member, fact.amount))


def _given_back(rows: Rows, entry: Entry, fact: CartDepositReturned) -> None:
    rows.run("UPDATE cart_deposits SET returned_ms=? WHERE grant_id=?", (entry.wall_ms, fact.grant))


APPLIES: Final[Applies] = {
    CartAdded: _added,
    CartRemoved: _removed,
    CartUnlockGranted: _granted,
    CartUnlocked: _unlocked,
    CartUnlockFailed: _ended,
    CartUnlockLapsed: _ended,
    CartSeen: _seen,
    CartReturned: _returned,
    CartReleased: _returned,
    CartRulesSet: _rules_set,
    CartFindAsked: _find_asked,
    CartBatteryLow: _low,
    CartBatteryGood: _low,
    CartBatteryDead: _dead,
    CartTooLongAway: _too_long,
    CartZoneSeen: _zone_seen,
    CartDockSeen: _dock_seen,
    CartDepositHeld: _held,
    CartDepositReturned: _given_back,
}
