"""Looking after carts: which is low, too long away or in which zone, the find-me light, and the deposit of a ride.

A ledger says what a deposit would be: held with the ride, given back with its end. No money moves here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.commands import DeviceCommand, Hop
from edge.domain.needs import LOOK, SOON, WHEN_FREE, Need
from edge.domain.setting import HOURS, MONEY, SECONDS, SHARE, Setting
from edge.journal import Applies, Entry, Fact, Reads, Rows, Tx

MINUTE_MS: Final = 60_000
FIND_PAUSE_MS: Final = 5_000
"""How soon a cart may be asked to blink again."""
FULL_AGAIN: Final = 0.1
"""How far above the threshold a battery must be charged to count as good again."""


class CartRules(msgspec.Struct, frozen=True):
    """What the store agrees on about carts."""

    deposit: Annotated[int, Setting(unit=MONEY, ge=0)] = 0
    """Held in the ledger for each ride. 0 is none. No money moves here."""
    away_ms: Annotated[int, Setting("hours", HOURS, gt=0, le=72)] = 4 * 60 * MINUTE_MS
    """How long a ride may take before staff looks for the cart."""
    low: Annotated[float, Setting("low_battery", SHARE, ge=0, le=0.9)] = 0.15
    """Charge below which a cart wants charging."""
    dead: float = 0.05
    """Charge below which a cart is offered to nobody: its bolt may not move any more."""
    find_s: Annotated[float, Setting(unit=SECONDS, gt=0, le=60)] = 10
    """How long a cart blinks when somebody looks for it."""


class CartRulesSet(Fact, frozen=True, tag="cart.rules_set.v1"):
    """The store's agreement about carts is this from now on."""

    rules: CartRules


class CartFindAsked(Fact, frozen=True, tag="cart.find_asked.v1"):
    """Somebody wants to see which cart it is: it shall blink."""

    cart: str
    by: str
    seconds: float
    fence: int


class CartBatteryLow(Fact, frozen=True, tag="cart.battery_low.v1"):
    """A cart's battery will soon be empty, or is no longer quite empty. Said once, until it has been charged."""

    cart: str
    charge: float


class CartBatteryDead(Fact, frozen=True, tag="cart.battery_dead.v1"):
    """A cart's battery is empty: it is offered to nobody until it has been charged."""

    cart: str
    charge: float


class CartBatteryGood(Fact, frozen=True, tag="cart.battery_good.v1"):
    """The battery was charged or changed."""

    cart: str
    charge: float


class CartTooLongAway(Fact, frozen=True, tag="cart.too_long_away.v1"):
    """A ride takes longer than agreed. Said once a ride."""

    cart: str
    member: str
    grant: str


class CartZoneSeen(Fact, frozen=True, tag="cart.zone_seen.v1"):
    """The beacons say that a cart is in this zone."""

    cart: str
    zone: str


class CartDockSeen(Fact, frozen=True, tag="cart.dock_seen.v1"):
    """A cart stands in another dock than before: any dock is good."""

    cart: str
    dock: str


class CartDepositHeld(Fact, frozen=True, tag="cart.deposit_held.v1"):
    """A ride began: this is held, in the currency's smallest unit."""

    cart: str
    member: str
    grant: str
    amount: int


class CartDepositReturned(Fact, frozen=True, tag="cart.deposit_returned.v1"):
    """The ride ended: what was held is given back."""

    cart: str
    member: str
    grant: str
    amount: int


def rules_of(reads: Reads) -> CartRules:
    """The agreement about carts as it stands."""
    row = reads.one("SELECT rules FROM cart_rules")
    return msgspec.json.decode(row["rules"], type=CartRules) if row else CartRules()


@asked_by("store")
def agree(tx: Tx, rules: CartRules) -> None:
    """Take over the rules of the settings; only what differs becomes a fact."""
    if rules_of(tx) != rules:
        tx.emit(CartRulesSet(rules=rules))


@asked_by(Proof.DEVICE)
def find(tx: Tx, *, cart: str, caller: Caller, seconds: float | None = None) -> bool:
    """Let a cart blink, so that nobody unlocks the wrong one. False while it still does from the last time.

    One that somebody rides blinks for its rider alone. Refuses: cart_unknown, cart_out, cart_away.
    """
    row = tx.one(
        "SELECT c.fence, d.online, k.find_ms, c.member IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM kin WHERE member=?2 AND other=c.member) AS of_others FROM carts c"
        " LEFT JOIN devices d ON d.device=c.cart LEFT JOIN cart_care k ON k.cart=c.cart WHERE c.cart=?1",
        cart,
        caller.member,
    )
    if row is None:
        raise tx.refuse("cart_unknown", cart=cart)
    if row["of_others"]:
        raise tx.refuse("cart_out", cart=cart)
    if row["online"] == 0:
        raise tx.refuse("cart_away", cart=cart)
    if row["find_ms"] is not None and tx.now - row["find_ms"] < FIND_PAUSE_MS:
        return False
    # The fence of the last unlock, no higher one: a light must not overtake a lock.
    tx.emit(CartFindAsked(cart=cart, by=caller.member, seconds=seconds or rules_of(tx).find_s, fence=row["fence"]))
    return True


@asked_by("machine")
def found(_tx: Tx, _order: str, _outcome: str, _reason: str | None, _hop: Hop) -> None:
    """How the blinking ended is nobody's business."""


@asked_by("machine")
def charged(tx: Tx, *, cart: str, charge: float | None) -> None:
    """Take over a cart's charge, 0 to 1; only what crosses the threshold becomes a fact."""
    if charge is None or tx.one("SELECT 1 FROM carts WHERE cart=?", cart) is None:
        return
    row = tx.one("SELECT low, dead FROM cart_care WHERE cart=?", cart)
    was, dead, rules = bool(row and row["low"]), bool(row and row["dead"]), rules_of(tx)
    if (not was and charge < rules.low) or (dead and rules.dead + FULL_AGAIN <= charge < rules.low + FULL_AGAIN):
        tx.emit(CartBatteryLow(cart=cart, charge=charge))
    elif was and charge >= rules.low + FULL_AGAIN:
        tx.emit(CartBatteryGood(cart=cart, charge=charge))
    if not dead and charge < rules.dead:
        tx.emit(CartBatteryDead(cart=cart, charge=charge))


@asked_by("machine")
def told(tx: Tx, *, device: str, event: str, data: Mapping[str, Any]) -> None:
    """A cart reports its dock, or a cart or beacon the zone it is in."""
    cart = data.get("cart") or device
    where = {"zone_changed": data.get("zone"), "docked": data.get("dock")}.get(event)
    if not isinstance(where, str) or not isinstance(cart, str):
        return
    row = tx.one(
        "SELECT c.cart, k.zone, k.dock FROM carts c LEFT JOIN cart_care k ON k.cart=c.cart WHERE c.cart=?", cart
    )
    if row is None:
        return
    if event == "docked" and where != row["dock"]:
        tx.emit(CartDockSeen(cart=cart, dock=where))
    known = event == "zone_changed" and tx.one("SELECT 1 FROM zones WHERE zone=?", where) is not None
    if known and where != row["zone"]:
        tx.emit(CartZoneSeen(cart=cart, zone=where))


_RIDES = """
SELECT c.cart, c.member, c.grant_id, g.ended_ms, k.late_grant, p.grant_id AS held FROM carts c
JOIN grants g ON g.grant_id=c.grant_id
LEFT JOIN cart_care k ON k.cart=c.cart
LEFT JOIN cart_deposits p ON p.cart=c.cart AND p.member=c.member AND p.returned_ms IS NULL WHERE c.state='out'
"""


@asked_by("store")
def tend(tx: Tx) -> None:
    """What time alone brings, and what the ledger has not caught up with; to be called every second or so."""
    rules = rules_of(tx)
    for ride in tx.all(_RIDES):
        who = {"cart": ride["cart"], "member": ride["member"], "grant": ride["grant_id"]}
        if rules.deposit and ride["held"] is None:
            tx.emit(CartDepositHeld(**who, amount=rules.deposit))
        if ride["late_grant"] != ride["grant_id"] and tx.now - (ride["ended_ms"] or tx.now) > rules.away_ms:
            tx.emit(CartTooLongAway(**who))
    for row in tx.all(
        "SELECT p.* FROM cart_deposits p LEFT JOIN carts c ON c.cart=p.cart AND c.member=p.member"
        " WHERE p.returned_ms IS NULL AND c.cart IS NULL"
    ):
        who = {"cart": row["cart"], "member": row["member"], "grant": row["grant_id"]}
        tx.emit(CartDepositReturned(**who, amount=row["amount"]))


def needs(reads: Reads, _now: int) -> list[Need]:
    """Carts that want charging, and rides that take too long."""
    low = [
        Need(
            f"cart:{row['cart']}:low",
            SOON if row["dead"] else WHEN_FREE,
            row["cart"],
            "cart_dead" if row["dead"] else "cart_low",
            row["low_ms"],
        )
        for row in reads.all("SELECT * FROM cart_care WHERE low")
    ]
    late = reads.all("SELECT k.* FROM cart_care k JOIN carts c ON c.grant_id=k.late_grant WHERE c.state='out'")
    return low + [
        Need(
            f"cart:{row['cart']}:late",
            LOOK,
            row["cart"],
            "cart_late",
            row["late_ms"],
            {"zone": row["zone"]},
            "release_cart",
        )
        for row in late
    ]


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


def find_command(entry: Entry, fact: CartFindAsked) -> DeviceCommand:
    """The command that carries it out."""
    return DeviceCommand(uuid.UUID(bytes=entry.id), fact.cart, "find", {"seconds": fact.seconds}, fact.fence, found)


SCHEMA: Final = """
CREATE TABLE cart_rules (one INTEGER PRIMARY KEY, rules TEXT) STRICT;
CREATE TABLE cart_care (
    cart TEXT PRIMARY KEY, low INTEGER, low_ms INTEGER, zone TEXT, dock TEXT, find_ms INTEGER,
    late_grant TEXT, late_ms INTEGER, dead INTEGER) STRICT;
CREATE TABLE cart_deposits (
    grant_id TEXT PRIMARY KEY, cart TEXT, member TEXT, amount INTEGER, returned_ms INTEGER) STRICT;
CREATE INDEX open_deposits ON cart_deposits (cart) WHERE returned_ms IS NULL;
"""
APPLIES: Final[Applies] = {
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
