"""The page of a cart: what is so, then the one thing to do. What cannot be had is said before anything is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.domain import serving
from edge.web import reading
from edge.web.progress import shown

if TYPE_CHECKING:
    import sqlite3

    from edge.domain.serving import Spot
    from edge.web.pages.shopper import Visit
    from edge.web.progress import Progress

STAGES: Final = ("asked", "sent", "unlocked", "seen")


def page(visit: Visit) -> tuple[str, dict[str, Any]]:
    """The cart, big; what stands in the way; registration, and one tap."""
    cart = visit.touchpoint.device or visit.touchpoint.id
    row = reading.cart(visit.front.gateway, cart)
    progress = _progress(visit)
    yours = bool(row and row["state"] == "out" and visit.is_theirs(row["member"]))
    spot = serving.carts(visit.front.gateway.reads).get(cart)
    why = None if progress or yours else _hindrance(visit, spot, row)
    return "cart.html", {
        "number": number(cart),
        "label": visit.touchpoint.label[visit.language],
        "yours": yours,
        "progress": progress,
        "marks": _marks(progress.stage, progress.hop) if progress else None,
        "why": why,
        "known": why in serving.BROKEN,
        "blocked": None if progress or why else _in_the_way(visit, cart),
        "nearest": nearest(visit, cart) if why else None,
    }


def number(cart: str) -> str:
    """What stands on the cart."""
    return cart.rpartition("-")[2]


def _hindrance(visit: Visit, spot: Spot | None, row: sqlite3.Row | None) -> str | None:
    """Why nobody, or nobody but its shopper, can have this cart now."""
    mine = row is not None and visit.is_theirs(row["member"])
    return None if spot is None or mine else spot.why


def nearest(visit: Visit, cart: str) -> dict[str, Any]:
    """The nearest cart that can be had, where it stands, and the next ones."""
    reads = visit.front.gateway.reads
    found = serving.nearest_carts(reads, cart)
    if not found:
        return {"number": None}
    here, first = serving.carts(reads).get(cart), found[0]
    away = max(1, round(serving.metres(here, first))) if here else 1
    zones = {zone.id: zone.name[visit.language] for zone in visit.front.gateway.settings.zones}
    near = here is not None and here.zone == first.zone
    where = visit.say(
        "shopper.nearest_here" if near else "shopper.nearest_there", metres=away, zone=zones.get(first.zone, "")
    )
    return {"number": number(first.id), "where": where, "more": [number(spot.id) for spot in found[1:]]}


def _in_the_way(visit: Visit, cart: str) -> str | None:
    """What else would refuse the unlock as things stand."""
    held = reading.held(visit.front.gateway, visit.member) if visit.member else None
    return visit.say("refusals.already_has_cart") if held not in (None, cart) else None


def _progress(visit: Visit) -> Progress | None:
    grant = visit.request.query_params.get("grant")
    found = visit.front.gateway.outcomes.progress(grant) if grant else None
    if found is None or not visit.is_theirs(found.member):
        return None
    return shown(visit.front.texts, visit.language, found)


def _marks(stage: str, hop: str | None) -> list[str]:
    """The class of each step: done, going on, failed or still to come."""
    if stage == "failed":
        reached = 1 if hop in ("gateway", "broker") else 2
        return ["on"] * reached + ["no"] + [""] * (3 - reached)
    reached = STAGES.index(stage) + 1
    return (["on"] * reached + ["now"] + [""] * 3)[:4]
