"""`/wallet`: a member's coupons by state, each saying why, and the parcels that wait. `/coupons/<id>`: one coupon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from edge.domain.coupons import queries as coupon_queries
from edge.web.audience import ANYBODY, audience
from edge.web.page import Page, Shown
from edge.web.problems import Problem
from edge.web.views import offers as offer_views
from edge.web.views import parcels as parcel_views
from edge.web.views import wallet as wallet_views

if TYPE_CHECKING:
    from edge.web.visit import Visit
    from edge.web.web import Web


def show(visit: Visit) -> Shown:
    """What is this member's; a stranger is told how to get something."""
    web, member, language = visit.web, visit.member, visit.language
    now = web.reads.now
    kept = parcel_views.parcels(web, member, now) if member else []
    cards = wallet_views.cards(web, member, language, now) if member else []
    return "wallet/wallet.html", {
        "groups": [(name, [each for each in cards if each.group == name]) for name in wallet_views.GROUPS],
        "saves": sum(each.saves for each in cards),
        "parcels": [each for each in kept if each.held],
        "banks": parcel_views.bank_names(web, language, kept),
    }


def router(web: Web) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/coupons/{name}")
    @audience(ANYBODY)
    async def one(name: str, request: Request) -> Response:
        """One coupon: the caller's own with its state, or what is on offer and where it is had."""
        caller, now, language = web.caller(request), web.reads.now, web.language(request)
        member = caller.member if caller else None
        card = wallet_views.card(web, member, name, language, now) if member else None
        coupon = card.kept.of if card else coupon_queries.coupon(web.reads, name)
        if coupon is None:
            raise Problem("coupon_unknown", coupon=name)
        offer = card.offer if card else offer_views.offer(web, coupon.coupon, member, now)
        zones = {zone.id: zone.name[language] for zone in web.layout.zones}
        spend = coupon.campaign.when.min_spend if coupon.campaign else 0
        return web.page(
            request,
            "wallet/coupon.html",
            member=member,
            card=card,
            o=offer,
            worth=web.offering.worth(coupon, now),
            rules=wallet_views.rules(web, coupon, language),
            campaign=coupon.campaign,
            spend=spend,
            places=[zones[each] for each in coupon.zones if each in zones],
            back="/wallet",
        )

    return routes


PAGE: Final = Page[Any, Any]("wallet", path="/wallet", show=show, routes=router)
