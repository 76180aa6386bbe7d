"""What staff must see of the carts: locks that are stuck, batteries that are low, rides that take too long."""

from __future__ import annotations

from edge.domain.carts import queries
from edge.domain.needs import LOOK, SOON, WHEN_FREE, Need
from edge.journal import Reads


def needs(reads: Reads, now: int) -> list[Need]:
    """Carts that are offered to nobody until somebody has seen to them, and those that want care."""
    return [*_stuck(reads), *care_needs(reads, now)]


def _stuck(reads: Reads) -> list[Need]:
    """Carts whose lock is stuck, or broke down at its last unlock."""
    jammed = reads.all(
        "SELECT c.cart, c.changed_ms FROM carts c LEFT JOIN out_of_order o ON o.device=c.cart"
        " WHERE c.lock='jammed' AND o.device IS NULL ORDER BY c.cart"
    )
    faulty = [spot for spot in queries.spots(reads).values() if spot.why == "faulty"]
    return [
        *(_broken(f"jammed/{row['cart']}", row["cart"], row["changed_ms"], kind="cart_jammed") for row in jammed),
        *(_broken(f"faulty/{spot.id}", spot.id, spot.since_ms, kind="cart_faulty") for spot in faulty),
    ]


def _broken(name: str, cart: str, since_ms: int, *, kind: str) -> Need:
    """A cart that may have to be taken out of use."""
    return Need(id=name, urgency=SOON, device=cart, kind=kind, since_ms=since_ms, action="take_out")


def care_needs(reads: Reads, _now: int) -> list[Need]:
    """Carts that want charging, and rides that take too long."""
    low = [
        Need(
            f"cart:{row['cart']}:low",
            SOON if row["dead"] else WHEN_FREE,
            row["cart"],
            "cart_dead" if row["dead"] else "cart_low",
            row["low_ms"],
        )
        for row in reads.all("SELECT k.* FROM cart_care k JOIN carts USING (cart) WHERE k.low")
    ]
    late = reads.all("SELECT k.* FROM cart_care k JOIN carts c ON c.grant_id=k.late_grant WHERE c.state='out'")
    return low + [
        Need(
            f"cart:{row['cart']}:late",
            LOOK,
            row["cart"],
            "cart_late",
            row["late_ms"],
            {"zone": row["zone"], "ride": row["late_grant"]},
            "release_cart",
        )
        for row in late
    ]
