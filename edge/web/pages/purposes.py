"""What the page of each kind of touchpoint shows: a template and its values. A new purpose is a function and a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.domain.coupons import coupons
from edge.errors import Refusal
from edge.web import reading
from edge.web.acts import hand_of
from edge.web.front import now_ms
from edge.web.pages import carts, lockers
from edge.web.product_view import Views

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.web.pages.shopper import Visit

Page = tuple[str, dict[str, Any]]
TASTE: Final = 2
"""How many offers of each zone the entrance shows."""
FIRST: Final = 5
"""How many offers of the store somebody sees who is not registered."""


def offers(visit: Visit) -> Page:
    """The coupon that the code names, or those of its zone to choose from."""
    touchpoint = visit.touchpoint
    if touchpoint.coupon is None:
        return _list(visit, touchpoint.zone, "shopper.offers_here", "shopper.claim_register")
    coupon = reading.offer(visit.front.gateway, touchpoint.coupon, visit.member, now_ms())
    if coupon is None:
        raise Refusal("coupon_unknown", coupon=touchpoint.coupon)
    return "claim.html", {"coupon": coupon, "blocked": None if coupon.mine else _used_up(visit, coupon.id)}


def _used_up(visit: Visit, coupon: str) -> str | None:
    """What would refuse the claim, of the things that the offer itself does not show."""
    why = coupons.hindrance(
        visit.front.gateway.reads,
        coupon=coupon,
        hand=hand_of(visit.touchpoint, visit.caller, visit.browser),
        rules=visit.front.gateway.settings.bounds.coupons,
        now_ms=now_ms(),
    )
    shown = why is not None and why.code not in ("coupon_ended", "coupon_gone")
    return visit.say(f"refusals.{why.code}") if why is not None and shown else None


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
        # The form stands above them, and a first page is light.
        shown = shown if visit.member else shown[:FIRST]
    return "offers.html", {
        "heading": visit.say(heading),
        "lead": visit.say(lead),
        "lead_known": visit.say(known) if known else None,
        "offers": shown,
        # What a screen offers is saved with the code that it shows now; what is printed on it only tells of it.
        "claimable": visit.touchpoint.purpose in ("shelf", "coupon"),
        "at_screen": visit.touchpoint.purpose == "screen",
    }


PURPOSES: Final[dict[str, Callable[[Visit], Page]]] = {
    "cart": carts.page,
    "screen": offers,
    "coupon": offers,
    "shelf": shelf,
    "enter": enter,
    "badge": badge,
    "locker": lockers.page,
}
