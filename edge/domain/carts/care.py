"""Looking after carts: which is low, too long away or in which zone, the find-me light, and the deposit of a ride.

A ledger says what a deposit would be: held with the ride, given back with its end. No money moves here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.carts.facts import (
    CartBatteryDead,
    CartBatteryGood,
    CartBatteryLow,
    CartDepositHeld,
    CartDepositReturned,
    CartDockSeen,
    CartFindAsked,
    CartRulesSet,
    CartTooLongAway,
    CartZoneSeen,
)
from edge.domain.carts.queries import rules_of
from edge.domain.carts.rules import FIND_PAUSE_MS, FULL_AGAIN, CartRules
from edge.domain.commands import DeviceCommand
from edge.domain.endings import Hop
from edge.journal import Entry, Tx, id_text


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
    if row["find_ms"] is not None and 0 <= tx.now - row["find_ms"] < FIND_PAUSE_MS:
        return False
    # The fence of the last unlock, no higher one: a light must not overtake a lock.
    fence = max(row["fence"], tx.fence_floor)
    tx.emit(CartFindAsked(cart=cart, by=caller.member, seconds=seconds or rules_of(tx).find_s, fence=fence))
    return True


@asked_by("machine")
def found(_tx: Tx, _order: str, _outcome: str, _reason: str | None, _hop: Hop) -> None:
    """How the blinking ended is nobody's business."""


@asked_by("machine")
def on_charge(tx: Tx, *, cart: str, charge: float | None) -> None:
    """Take over a cart's charge, 0 to 1; only what crosses the threshold becomes a fact."""
    if charge is None or tx.one("SELECT 1 FROM carts WHERE cart=?", cart) is None:
        return
    row = tx.one("SELECT low, dead FROM cart_care WHERE cart=?", cart)
    was, dead, rules = bool(row and row["low"]), bool(row and row["dead"]), rules_of(tx)
    low = max(rules.low, rules.dead)  # one that is offered to nobody wants charging whatever was agreed
    if (not was and charge < low) or (dead and rules.dead + FULL_AGAIN <= charge < low + FULL_AGAIN):
        tx.emit(CartBatteryLow(cart=cart, charge=charge))
    elif (was or dead) and charge >= low + FULL_AGAIN:
        tx.emit(CartBatteryGood(cart=cart, charge=charge))
    if not dead and charge < rules.dead:
        tx.emit(CartBatteryDead(cart=cart, charge=charge))


@asked_by("machine")
def on_event(tx: Tx, *, device: str, event: str, data: Mapping[str, Any]) -> None:
    """A cart reports its dock or its zone. A listener for beacons names the cart; nobody else speaks for another."""
    cart = data.get("cart") or device
    where = {"zone_changed": data.get("zone"), "docked": data.get("dock")}.get(event)
    if not isinstance(where, str) or not isinstance(cart, str):
        return
    if cart != device and tx.one("SELECT 1 FROM devices WHERE device=? AND kind='beacon'", device) is None:
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


_LATE = """
SELECT c.cart, c.member, c.grant_id FROM carts c JOIN grants g ON g.grant_id=c.grant_id
LEFT JOIN cart_care k ON k.cart=c.cart
WHERE c.state='out' AND k.late_grant IS NOT c.grant_id AND g.ended_ms < ?
"""
_UNHELD = """
SELECT c.cart, c.member, c.grant_id FROM carts c JOIN grants g ON g.grant_id=c.grant_id
LEFT JOIN cart_deposits p ON p.cart=c.cart AND p.member=c.member AND p.returned_ms IS NULL
WHERE c.state='out' AND p.grant_id IS NULL
"""


@asked_by("store")
def on_tick(tx: Tx) -> None:
    """What time alone brings, and what the ledger has not caught up with; to be called every second or so."""
    rules = rules_of(tx)
    for ride in tx.all(_UNHELD) if rules.deposit else ():
        who = {"cart": ride["cart"], "member": ride["member"], "grant": ride["grant_id"]}
        tx.emit(CartDepositHeld(**who, amount=rules.deposit))
    for ride in tx.all(_LATE, tx.now - rules.away_ms):
        tx.emit(CartTooLongAway(cart=ride["cart"], member=ride["member"], grant=ride["grant_id"]))
    for row in tx.all(
        "SELECT p.* FROM cart_deposits p LEFT JOIN carts c ON c.cart=p.cart AND c.member=p.member"
        " WHERE p.returned_ms IS NULL AND c.cart IS NULL"
    ):
        who = {"cart": row["cart"], "member": row["member"], "grant": row["grant_id"]}
        tx.emit(CartDepositReturned(**who, amount=row["amount"]))


def find_command(entry: Entry, fact: CartFindAsked) -> DeviceCommand:
    """The command that carries it out."""
    return DeviceCommand(id_text(entry.id), fact.cart, "find", {"seconds": fact.seconds}, fact.fence, found)
