"""What can serve a shopper now, why not, and which is the nearest that can.

Pages, lists, the plan, screens and counts ask `spots` of carts and of lockers, so that what cannot serve is offered
nowhere. A decision asks too, but it only refuses what is certain: staff's word, a device that is gone, a board that
does not answer. A sensor that says "jammed" keeps a cart from being offered and stops nobody who asks for it all the
same.
"""

from __future__ import annotations

import math
import sqlite3
from typing import Final, Literal

import msgspec

Obstacle = Literal["offline", "out_of_order", "dead", "jammed", "faulty", "taken", "busy", "full"]
"""`dead`: no battery, or a lock board that does not answer. `busy`: somebody is taking it at this moment."""
BROKEN: Final = frozenset({"offline", "out_of_order", "dead", "jammed", "faulty"})
"""What is no shopper's doing: the thing itself cannot serve."""
ELSEWHERE_M: Final = 1000.0
"""What another zone adds to a way, in metres: the same zone is always nearer."""


class Spot(msgspec.Struct, frozen=True):
    """A cart or a bank, and whether it can serve."""

    id: str
    zone: str
    at: tuple[float, float]
    """Its place on the plan, in metres from the top left."""
    why: Obstacle | None
    """None where it can serve."""
    since_ms: int = 0
    free: int = 0
    """A bank's doors that can be given now."""


def metres(one: Spot, other: Spot) -> float:
    """How far two spots are from each other, as the crow flies."""
    return math.dist(one.at, other.at)


def nearest_to(spots: list[Spot], origin: Spot | None, name: str) -> list[Spot]:
    others = [spot for spot in spots if spot.id != name]
    if origin is None:
        return others
    return sorted(others, key=lambda spot: (metres(origin, spot) + (spot.zone != origin.zone) * ELSEWHERE_M, spot.id))


def spot_of(row: sqlite3.Row, why: Obstacle | None, since_ms: int) -> Spot:
    return Spot(row["id"], row["zone"] or "", place_of(row["at"]), why, since_ms)


def place_of(at: str | None) -> tuple[float, float]:
    """Returns a device's place on the plan, from its column."""
    return msgspec.json.decode(at, type=tuple[float, float]) if at else (0.0, 0.0)
