"""What is asked of carts: which can serve, the agreement about them, and what staff must see."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from edge.domain.actuations import GrantProgress
from edge.domain.carts.rules import CartRules
from edge.domain.endings import FAULTS
from edge.domain.held import queries as held
from edge.domain.noun import InUse
from edge.domain.serving import Obstacle, Spot, nearest_to, spot_of
from edge.journal import Reads

_PROGRESS: Final = "SELECT cart, member, state, hop, reason, observed, ended_ms, home_ms FROM grants WHERE grant_id=?"


def progress(reads: Reads, grant: str) -> GrantProgress | None:
    """Returns how far an unlock has come: asked, unlocked, seen unlocked, back again, or failed."""
    row = reads.one(_PROGRESS, grant)
    if row is None:
        return None
    stage = {"granted": "asked", "unlocked": "unlocked"}.get(row["state"], "failed")
    if stage == "unlocked":
        stage = "back" if row["home_ms"] else "seen" if row["observed"] else stage
    return GrantProgress(
        grant=grant,
        device=row["cart"],
        holder=row["member"],
        stage=stage,
        hop=row["hop"],
        reason=row["reason"],
        ended_ms=row["ended_ms"],
        over_ms=row["home_ms"],
    )


def rules_of(reads: Reads) -> CartRules:
    """The agreement about carts as it stands."""
    row = reads.one("SELECT rules FROM cart_rules")
    return msgspec.json.decode(row["rules"], type=CartRules) if row else CartRules()


_CARTS: Final = f"""
SELECT {held.CART} AS held,
    c.cart AS id, c.state, c.lock, c.member, c.changed_ms, d.online, d.zone, d.at, o.since_ms AS out_ms,
    coalesce(k.dead, 0) AS dead, g.state AS ended, g.reason, g.ended_ms,
    max(coalesce(d.changed_ms, 0), coalesce(s.at_ms, 0)) AS device_ms
FROM carts c LEFT JOIN devices d ON d.device=c.cart LEFT JOIN out_of_order o ON o.device=c.cart
LEFT JOIN cart_care k ON k.cart=c.cart LEFT JOIN grants g ON g.grant_id=c.last_grant
LEFT JOIN seen_to s ON s.device=c.cart ORDER BY c.cart
"""  # noqa: S608 - our own condition


def spots(reads: Reads) -> dict[str, Spot]:
    """Every cart by its id."""
    return {row["id"]: spot_of(row, _cart(row), row["changed_ms"]) for row in reads.all(_CARTS)}


def _cart(row: sqlite3.Row) -> Obstacle | None:
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


def nearest(reads: Reads, cart: str, most: int = 4) -> list[Spot]:
    """Carts that can serve, the nearest to this one first."""
    known = spots(reads)
    return nearest_to([spot for spot in known.values() if spot.why is None], known.get(cart), cart)[:most]


def last_grant(reads: Reads, cart: str) -> str | None:
    """Returns the grant that a cart was given last."""
    row = reads.one("SELECT last_grant FROM carts WHERE cart=?", cart)
    return row["last_grant"] if row else None


class Cart(msgspec.Struct, frozen=True):
    """A cart as its table has it."""

    cart: str
    state: str
    """`docked`, `granted` or `out`."""
    member: str | None
    """Who has it, or is about to."""


def cart(reads: Reads, name: str) -> Cart | None:
    """Returns one cart."""
    row = reads.one("SELECT cart, state, member FROM carts WHERE cart=?", name)
    return Cart(*row) if row else None


def held_by(reads: Reads, member: str) -> str | None:
    """Returns the cart that a member has now."""
    row = reads.one("SELECT c.cart FROM kin k JOIN carts c ON c.member=k.other WHERE k.member=?", member)
    return row["cart"] if row else None


def zone_of(reads: Reads, cart: str) -> str | None:
    """Returns the zone in which a cart was seen last, where the store still has it."""
    row = reads.one("SELECT k.zone FROM cart_care k JOIN zones z ON z.zone=k.zone WHERE k.cart=?", cart)
    return row["zone"] if row else None


class Ride(msgspec.Struct, frozen=True):
    """A cart that is out."""

    cart: str
    grant: str
    since_ms: int


_RIDES: Final = (
    "SELECT c.cart, c.grant_id, coalesce(g.ended_ms, c.changed_ms) FROM carts c"
    " JOIN grants g ON g.grant_id=c.grant_id WHERE c.state='out'"
)


def rides(reads: Reads) -> list[Ride]:
    """Returns every ride that somebody is on, in the order of the carts."""
    return [Ride(*row) for row in reads.all(_RIDES + " ORDER BY c.cart")]


def ride_of(reads: Reads, member: str) -> Ride | None:
    """Returns the ride that a member, or somebody who is the same person, is on."""
    row = reads.one(f"{_RIDES} AND c.member IN (SELECT other FROM kin WHERE member=?)", member)  # noqa: S608 - ours
    return Ride(*row) if row else None


def count_of(reads: Reads, member: str) -> int:
    """Returns how many unlocks this person was granted."""
    row = reads.one("SELECT count(*) AS n FROM grants WHERE member=?", member)
    return row["n"] if row else 0


def in_use(reads: Reads) -> list[InUse]:
    """The carts that somebody is unlocking now. One that is out does not need the gateway until it is back."""
    rows = reads.all("SELECT cart, granted_ms FROM grants WHERE state='granted' ORDER BY granted_ms")
    return [InUse("cart", row["cart"], row["granted_ms"]) for row in rows]
