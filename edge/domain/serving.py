"""What can serve a shopper now, why not, and which is the nearest that can: one question for each kind of thing.

Pages, lists, the plan, screens and counts ask here, so that what cannot serve is offered nowhere. A decision asks too,
but it only refuses what is certain: staff's word, a device that is gone, a board that does not answer. A sensor that
says "jammed" keeps a cart from being offered and stops nobody who asks for it all the same.
"""

from __future__ import annotations

import math
import sqlite3
from typing import Final, Literal

import msgspec

from edge.domain import held
from edge.domain.lockers.rules import FAULTS, Size, fits, giveable
from edge.journal import Reads

Why = Literal["offline", "out_of_order", "dead", "jammed", "faulty", "taken", "busy", "full"]
"""`dead`: no battery, or a lock board that does not answer. `busy`: somebody is taking it at this moment."""
BROKEN: Final = frozenset({"offline", "out_of_order", "dead", "jammed", "faulty"})
"""What is no shopper's doing: the thing itself cannot serve."""
SILENT: Final = frozenset({"no_response", "port_lost", "no_reply"})
"""How an opening ends when it is the board that does not answer, not the door."""
FORGIVEN_MS: Final = 10 * 60_000
"""An answer that got lost once is not held against a bank for longer."""
ELSEWHERE_M: Final = 1000.0
"""What another zone adds to a way, in metres: the same zone is always nearer."""


class Spot(msgspec.Struct, frozen=True):
    """A cart or a bank, and whether it can serve."""

    id: str
    zone: str
    at: tuple[float, float]
    """Its place on the plan, in metres from the top left."""
    why: Why | None
    """None where it can serve."""
    since_ms: int = 0
    free: int = 0
    """A bank's doors that can be given now."""


_CARTS: Final = f"""
SELECT {held.CART} AS held,
    c.cart AS id, c.state, c.lock, c.member, c.changed_ms, d.online, d.zone, d.at, o.since_ms AS out_ms,
    coalesce(k.dead, 0) AS dead, g.state AS ended, g.reason, g.ended_ms,
    max(coalesce(d.changed_ms, 0), coalesce(s.at_ms, 0)) AS device_ms
FROM carts c LEFT JOIN devices d ON d.device=c.cart LEFT JOIN out_of_order o ON o.device=c.cart
LEFT JOIN cart_care k ON k.cart=c.cart LEFT JOIN grants g ON g.grant_id=c.last_grant
LEFT JOIN seen_to s ON s.device=c.cart ORDER BY c.cart
"""  # noqa: S608 - our own condition


def carts(reads: Reads) -> dict[str, Spot]:
    """Every cart by its id."""
    return {row["id"]: _spot(row, _cart(row), row["changed_ms"]) for row in reads.all(_CARTS)}


def _cart(row: sqlite3.Row) -> Why | None:
    """What a shopper must know first wins: somebody has it, then what is wrong with it."""
    if row["member"] is not None:
        return "busy" if row["state"] == "granted" else "taken"
    if row["out_ms"] is not None or row["held"]:
        return "out_of_order"
    if row["online"] == 0:
        return "offline"
    if row["dead"]:
        return "dead"
    if row["lock"] == "jammed":
        return "jammed"
    return "faulty" if _failed(row) else None


def _failed(row: sqlite3.Row) -> bool:
    """Whether its last unlock broke down, and nothing has been seen or heard of the cart since."""
    if row["ended"] != "failed" or row["reason"] not in FAULTS:
        return False
    later: int = max(row["changed_ms"], row["device_ms"])
    return bool(later <= row["ended_ms"])


_DOORS: Final = f"""
SELECT {held.DOOR} AS held, {held.BANK} AS bank_held,
    d.*, v.online, v.zone, v.at, v.changed_ms AS device_ms, o.since_ms AS out_since,
    (SELECT max(ended_ms) FROM openings p WHERE p.bank=d.bank AND p.state='opened') AS well_ms
FROM doors d LEFT JOIN devices v ON v.device=d.bank LEFT JOIN out_of_order o ON o.device=d.bank ORDER BY d.bank, d.door
"""  # noqa: S608 - our own condition


def banks(reads: Reads, now: int) -> dict[str, Spot]:
    """Every bank by its id; one whose last free door is given away is `full`."""
    of: dict[str, list[sqlite3.Row]] = {}
    for row in reads.all(_DOORS):
        of.setdefault(row["bank"], []).append(row)
    return {bank: _bank(bank, rows, now) for bank, rows in of.items()}


def bank(reads: Reads, bank: str, now: int) -> Spot | None:
    """One bank; none where the store has none of that name."""
    return banks(reads, now).get(bank)


def _bank(name: str, rows: list[sqlite3.Row], now: int) -> Spot:
    first = rows[0]
    count = sum(giveable(row) and not row["held"] for row in rows)
    why = _bank_why(rows, now)
    spot = Spot(name, first["zone"] or "", _at(first), why or (None if count else "full"))
    since = first["out_since"] or (first["device_ms"] if why == "offline" else _silent_since(rows, now))
    return msgspec.structs.replace(spot, since_ms=since or 0, free=0 if why else count)


def _bank_why(rows: list[sqlite3.Row], now: int) -> Why | None:
    first = rows[0]
    if first["out_since"] is not None or first["bank_held"]:
        return "out_of_order"
    if first["online"] == 0:
        return "offline"
    return "dead" if _mute(rows, now) else None


def _mute(rows: list[sqlite3.Row], now: int) -> bool:
    """Whether the board behind the doors does not answer: two doors failed so, or one while no sensor is heard."""
    silent = [row for row in rows if _is_silent(row, now)]
    if not silent:
        return False
    blind = all(row["lock"] == "unknown" and row["shut"] == "unknown" for row in rows)
    return len(silent) > 1 or blind


def _is_silent(row: sqlite3.Row, now: int) -> bool:
    """Whether this door's last opening met silence, and nothing has answered since."""
    if row["fault"] not in SILENT:
        return False
    if row["fault"] == "no_reply" and now - row["fault_ms"] > FORGIVEN_MS:
        return False
    return bool(max(row["well_ms"] or 0, row["device_ms"] or 0) <= row["fault_ms"])


def _silent_since(rows: list[sqlite3.Row], now: int) -> int:
    return min((row["fault_ms"] for row in rows if _is_silent(row, now)), default=0)


def nearest_carts(reads: Reads, cart: str, most: int = 4) -> list[Spot]:
    """Carts that can serve, the nearest to this one first."""
    known = carts(reads)
    return _nearest([spot for spot in known.values() if spot.why is None], known.get(cart), cart)[:most]


def nearest_banks(reads: Reads, name: str, now: int, size: Size | None = None) -> list[Spot]:
    """Banks with a door for a parcel of that size, the nearest to this one first."""
    known = banks(reads, now)
    doors = reads.all(f"SELECT d.*, {held.DOOR} AS held FROM doors d")  # noqa: S608 - our own condition
    fitting = {row["bank"] for row in doors if not row["held"] and giveable(row) and fits(row["size"], size or "S")}
    return _nearest([spot for spot in known.values() if spot.why is None and spot.id in fitting], known.get(name), name)


def metres(one: Spot, other: Spot) -> float:
    """How far two spots are from each other, as the crow flies."""
    return math.dist(one.at, other.at)


def _nearest(spots: list[Spot], origin: Spot | None, name: str) -> list[Spot]:
    others = [spot for spot in spots if spot.id != name]
    if origin is None:
        return others
    return sorted(others, key=lambda spot: (metres(origin, spot) + (spot.zone != origin.zone) * ELSEWHERE_M, spot.id))


def _spot(row: sqlite3.Row, why: Why | None, since_ms: int) -> Spot:
    return Spot(row["id"], row["zone"] or "", _at(row), why, since_ms)


def _at(row: sqlite3.Row) -> tuple[float, float]:
    return msgspec.json.decode(row["at"], type=tuple[float, float]) if row["at"] else (0.0, 0.0)
