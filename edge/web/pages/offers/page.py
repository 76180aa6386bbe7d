"""The page of offers: those of a zone or of a screen, or one coupon."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from edge.domain.coupons import queries as coupon_queries
from edge.errors import Refusal
from edge.web.actions import shopping
from edge.web.actions.shopping import claim_source
from edge.web.page import Action, Page, Shown
from edge.web.pages.touchpoint.registering import NOTICES, REGISTERING
from edge.web.pages.touchpoint.visit import TouchpointForm, TouchpointVisit
from edge.web.problems import Problem
from edge.web.request_ids import checked_request
from edge.web.views import offers as offer_views

TASTE: Final = 2
"""How many offers of each zone the entrance shows."""
PICKED: Final = ("shelf", "coupon")
"""Purposes of whose coupons one is chosen: at a screen the code itself names one."""
LONGEST: Final = 64
"""Letters of a coupon's name."""
FIRST: Final = 5
"""How many offers of the store somebody sees who is not registered."""


def offers(visit: TouchpointVisit) -> Shown:
    """The coupon that the code names or that was chosen, or those of its zone to choose from."""
    touchpoint = visit.touchpoint
    name = touchpoint.coupon or chosen_offer(visit)
    if name is None:
        return offer_list(visit, touchpoint.zone, "shopper.offers_here", "shopper.claim_register")
    coupon = offer_views.offer(visit.web, name, visit.member, visit.web.reads.now)
    if coupon is None:
        raise Refusal("coupon_unknown", coupon=name)
    blocked = None if coupon.mine else _used_up(visit, coupon.id)
    open_to_all = coupon.state in ("ready", "ending") and not blocked
    return "offers/claim.html", {"coupon": coupon, "blocked": blocked, "registers": open_to_all}


def chosen_offer(visit: TouchpointVisit) -> str | None:
    """The coupon that a stranger chose of those at a shelf: it is saved with the registration, in one step."""
    asked = visit.form.coupon if visit.form is not None else visit.request.query_params.get("coupon")
    free = visit.member is None and visit.touchpoint.purpose in PICKED
    return str(asked)[:LONGEST] if asked and free else None


def _used_up(visit: TouchpointVisit, coupon: str) -> str | None:
    """What would refuse the claim, of the things that the offer itself does not show."""
    offered = coupon_queries.coupon(visit.web.reads, coupon)
    if offered is None:
        return None
    hand = claim_source(visit.touchpoint, visit.caller, visit.browser)
    rules = visit.web.settings.bounds.coupons
    why = coupon_queries.claim_obstacle(visit.web.reads, offered, hand=hand, rules=rules, now_ms=visit.web.reads.now)
    if why is None or why.code in ("coupon_ended", "coupon_gone"):
        return None
    return Problem(why.code, seconds=why.seconds).sentence(visit.web.texts, visit.language)


def offer_list(visit: TouchpointVisit, zone: str | None, heading: str, lead: str, known: str | None = None) -> Shown:
    """Offers of one zone, or of the whole store, under a heading; registration above them for a stranger."""
    moment = visit.web.reads.now
    if zone is not None:
        shown = offer_views.offers(visit.web, visit.member, moment, zone, visit.touchpoint.id)
    else:
        # A taste of each zone: the whole store's offers would make the page heavy, and they are claimed in the zones.
        zones = visit.web.layout.zones
        shown = [
            each for place in zones for each in offer_views.offers(visit.web, visit.member, moment, place.id)[:TASTE]
        ]
        # The form stands above them, and a first page is light.
        shown = shown if visit.member else shown[:FIRST]
    claimable = visit.touchpoint.purpose in PICKED
    return "offers/offers.html", {
        # Where a coupon is chosen, the form comes with it.
        "registers": not (claimable and shown),
        "heading": visit.say(heading),
        "lead": visit.say(lead),
        "lead_known": visit.say(known) if known else None,
        "offers": shown,
        # What a screen offers is saved with the code that it shows now; what is printed on it only tells of it.
        "claimable": claimable,
        "at_screen": visit.touchpoint.purpose == "screen",
    }


async def _claim(visit: TouchpointVisit, form: TouchpointForm) -> Response:
    claim = await shopping.claim(visit.web, visit.touchpoint, form.coupon, visit.caller, checked_request(form.request))
    return visit.back(done="claimed_already" if claim.already else "claimed")


CLAIMING: Final = {**REGISTERING, "claim": Action(_claim, bound="claiming")}
CLAIM_NOTICES: Final = {
    **NOTICES, "claimed": "shopper.claimed", "claimed_already": "shopper.claimed_already",
}  # fmt: skip

PAGE: Final = Page[TouchpointVisit, TouchpointForm](
    "offers",
    show=offers,
    purposes=("screen", "coupon"),
    form=TouchpointForm,
    actions=CLAIMING,
    notices=CLAIM_NOTICES,
)
