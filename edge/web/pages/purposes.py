"""What the page of each kind of touchpoint shows: a template and its values. A new purpose is a function and a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.domain import families
from edge.errors import Refusal
from edge.web import reading
from edge.web.acts import CLAIMABLE
from edge.web.front import now_ms
from edge.web.pages import lockers
from edge.web.product_view import Views
from edge.web.progress import shown

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from edge.gateway import DeviceView
    from edge.web.pages.shopper import Visit

Page = tuple[str, dict[str, Any]]
TASTE: Final = 2
"""How many offers of each zone the entrance shows."""
STAGES: Final = ("asked", "sent", "unlocked", "seen")


def cart(visit: Visit) -> Page:
    """The cart, big; registration first, then one tap."""
    touchpoint = visit.touchpoint
    device = _device(visit)
    row = reading.cart(visit.front.gateway, touchpoint.device or touchpoint.id)
    progress = _progress(visit)
    yours = bool(row and row["state"] == "out" and _ours(visit, row["member"]))
    values: dict[str, Any] = {
        "number": (touchpoint.device or touchpoint.id).rpartition("-")[2],
        "label": device.label[visit.language] if device else touchpoint.label[visit.language],
        "yours": yours,
        "progress": progress,
        "marks": _marks(progress.stage, progress.hop) if progress else None,
        "blocked": None,
    }
    if progress is None and visit.member:
        values["blocked"] = _in_the_way(visit, row, device)
    return "cart.html", values


def _in_the_way(visit: Visit, row: sqlite3.Row | None, device: DeviceView | None) -> str | None:
    """What would refuse the unlock as things stand; said before the tap, though the tap may still try."""
    if row is not None and row["state"] != "docked" and not _ours(visit, row["member"]):
        return visit.say("refusals.cart_out")
    held = reading.held(visit.front.gateway, visit.member or "")
    if held is not None and row is not None and held != row["cart"]:
        return visit.say("refusals.already_has_cart")
    return visit.say("refusals.cart_away") if device is not None and not device.online else None


def _ours(visit: Visit, member: str | None) -> bool:
    """Whether the shopper is this member, or one with it."""
    if visit.member is None or member is None:
        return False
    return families.related(visit.front.gateway.reads, visit.member, member)


def _progress(visit: Visit) -> Any:
    grant = visit.request.query_params.get("grant")
    found = visit.front.gateway.outcomes.progress(grant) if grant else None
    if found is None or not _ours(visit, found.member):
        return None
    return shown(visit.front.texts, visit.language, found)


def _marks(stage: str, hop: str | None) -> list[str]:
    """The class of each step: done, going on, failed or still to come."""
    if stage == "failed":
        reached = 1 if hop in ("gateway", "broker") else 2
        return ["on"] * reached + ["no"] + [""] * (3 - reached)
    reached = STAGES.index(stage) + 1
    return (["on"] * reached + ["now"] + [""] * 3)[:4]


def offers(visit: Visit) -> Page:
    """The coupon that the code names, or those of its zone to choose from."""
    touchpoint = visit.touchpoint
    if touchpoint.coupon is None:
        return _list(visit, touchpoint.zone, "shopper.offers_here", "shopper.claim_register")
    coupon = reading.offer(visit.front.gateway, touchpoint.coupon, visit.member, now_ms())
    if coupon is None:
        raise Refusal("coupon_unknown", coupon=touchpoint.coupon)
    return "claim.html", {"coupon": coupon}


def shelf(visit: Visit) -> Page:
    """A shelf card: its product; where several stand there, all of them, and the zone's offers below."""
    front, language, point = visit.front, visit.language, visit.touchpoint
    template, values = offers(visit)
    version = front.gateway.products.current
    found = version.on_shelf(point.id) if version else []
    # Whoever is about an offer, not a product, stays with the offers.
    asked = visit.request.query_params
    if version is None or not found or visit.request.method != "GET" or "offers" in asked or "done" in asked:
        return template, values
    views = Views(front)
    if len(found) == 1:
        page = views.page(version, found[0], language, point.id)
        return "product.html", {"p": page, "place": point.id, "offers_url": visit.url(offers="1")}
    return "shelf.html", {
        **values,
        "tiles": [views.tile(each, language, point.id) for each in found],
        "heading": point.label[language],
    }


def enter(visit: Visit) -> Page:
    """Welcome, register, and today's offers of the whole store."""
    return _list(visit, None, "shopper.enter_title", "shopper.enter_lead", "shopper.enter_known")


def badge(visit: Visit) -> Page:
    """A promoter's welcome; the visit counts for the badge."""
    return _list(visit, None, "shopper.badge_title", "shopper.badge_lead", "shopper.enter_known")


def _list(visit: Visit, zone: str | None, heading: str, lead: str, known: str | None = None) -> Page:
    moment = now_ms()
    if zone is not None:
        shown = reading.offers(visit.front.gateway, visit.member, moment, zone)
    else:
        # A taste of each zone: the whole store's offers would make the page heavy, and they are claimed in the zones.
        zones = visit.front.gateway.settings.zones
        shown = [
            each
            for place in zones
            for each in reading.offers(visit.front.gateway, visit.member, moment, place.id)[:TASTE]
        ]
    return "offers.html", {
        "heading": visit.say(heading),
        "lead": visit.say(lead),
        "lead_known": visit.say(known) if known else None,
        "offers": shown,
        "claimable": visit.touchpoint.purpose in CLAIMABLE,
    }


def _device(visit: Visit) -> DeviceView | None:
    wanted = visit.touchpoint.device
    return next((device for device in visit.front.gateway.devices() if device.id == wanted), None)


PURPOSES: Final[dict[str, Callable[[Visit], Page]]] = {
    "cart": cart,
    "screen": offers,
    "coupon": offers,
    "shelf": shelf,
    "enter": enter,
    "badge": badge,
    "locker": lockers.page,
}
