"""Goods that were not on the shelf: fetched by staff, kept for whoever bought them, handed over once."""

from __future__ import annotations

from typing import Final

from edge.domain.callers import asked_by
from edge.domain.lockers import queries as lockers
from edge.domain.lockers.rules import HELD
from edge.domain.orders import queries
from edge.domain.orders.facts import OrderHandedOver, PickupHandedOver, PickupReady
from edge.domain.orders.rules import Order
from edge.journal import Tx

TAKEN: Final = ("emptied", "collected")
"""A parcel that its owner took out. One that staff cleared out lies at the collection point."""


@asked_by("staff")
def mark_ready(tx: Tx, *, order: str, by: str) -> bool:
    """All of it is at the collection point. False where it was. Refuses: order_unknown, pickup_none."""
    found = _required(tx, order)
    if found.waits != "due":
        return False
    tx.emit(PickupReady(order=order, by=by))
    return True


@asked_by("staff")
def hand_over(tx: Tx, *, order: str, by: str) -> bool:
    """Whoever bought it has it now. False where they had it. Refuses: order_unknown, pickup_none."""
    found = _required(tx, order)
    if found.waits == "handed_over":
        return False
    _hand_over(tx, found, by)
    return True


def _required(tx: Tx, order: str) -> Order:
    found = queries.order(tx, order)
    if found is None:
        raise tx.refuse("order_unknown")
    if not found.waits:
        raise tx.refuse("pickup_none")
    return found


def _hand_over(tx: Tx, order: Order, by: str) -> None:
    if order.waits == "due":
        tx.emit(PickupReady(order=order.order, by=by))
    tx.emit(PickupHandedOver(order=order.order, by=by))
    if order.state == "paid" and all(line.away for line in order.paid.lines):
        tx.emit(OrderHandedOver(order=order.order, by=by))


@asked_by("store")
def on_tick(tx: Tx) -> int:
    """What staff put into a locker is ready once its door is shut over it, and handed over once its owner has it."""
    moved = 0
    for order in queries.to_fetch(tx):
        if order.pickup is None or order.pickup.collect != "locker":
            continue
        parcel = lockers.parcel_of_order(tx, order.number)
        if parcel is None:
            continue
        if order.waits == "due" and parcel.state in HELD and parcel.state != "unsure":
            tx.emit(PickupReady(order=order.order, by=f"staff/{parcel.filler}", parcel=parcel.parcel))
            moved += 1
        elif order.waits == "ready" and order.pickup.parcel and parcel.state in TAKEN:
            _hand_over(tx, order, f"locker/{parcel.bank}")
            moved += 1
    return moved
