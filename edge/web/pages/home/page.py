"""`/`: a shopper's home. What is under way, the own code, offers near by, and a way to everything else.

Who looks after the store, and is no shopper here, finds the store's page there instead; `/home` is the home for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from edge.domain.ledger import queries as ledger
from edge.web.audience import SHOPPER, audience
from edge.web.last_touchpoint import last_touchpoint
from edge.web.moments import time_of_day
from edge.web.navigation_bar import is_staff_browser
from edge.web.page import Page
from edge.web.pages.member_code.page import code_of
from edge.web.pages.store.page import store_page
from edge.web.views import offers as offer_views
from edge.web.views import parcels as parcel_views

if TYPE_CHECKING:
    from edge.web.web import Web

OFFERS: Final = 4
"""How many offers it shows: two rows under a thumb."""
GREETINGS: Final = ((5, "night"), (11, "morning"), (13, "noon"), (18, "afternoon"), (24, "evening"))
"""Until which hour which greeting holds."""


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    @audience(SHOPPER)
    async def front(request: Request) -> HTMLResponse:
        """The shopper's home, or the store's page for who looks after the store."""
        return store_page(web, request) if is_staff_browser(web, request) else await _home(web, request)

    @routes.get("/home")
    @audience(SHOPPER)
    async def home(request: Request) -> HTMLResponse:
        """The shopper's home, whoever looks."""
        return await _home(web, request)

    return routes


async def _home(web: Web, request: Request) -> HTMLResponse:
    caller, now = web.caller(request), web.reads.now
    member = caller.member if caller else None
    language = web.language(request)
    zone, parcels = _zone(web, request), _parcels(web, member, now)
    return web.page(
        request,
        "home/home.html",
        member=member,
        greeting=_greeting(web, now),
        parcels=parcels,
        banks=parcel_views.bank_names(web, language, parcels),
        offers=_offers(web, member, zone, now),
        coupons=_coupons(web, member, now),
        zone=next((each.name[language] for each in web.layout.zones if each.id == zone), ""),
        standing=_standing(web, member, now),
        owes=ledger.owed(web.reads, member) if member else 0,
        code=await code_of(web, caller) if caller else None,
        within=request.app.state.within and web.access.is_inside(request),
    )


def _greeting(web: Web, now: int) -> str:
    hour = int(time_of_day(now, web.layout.store.zone)[:2])
    return next(name for until, name in GREETINGS if hour < until)


def _zone(web: Web, request: Request) -> str:
    """Where this browser scanned last."""
    place = last_touchpoint(web, request)
    return place.zone if place else ""


def _parcels(web: Web, member: str | None, now: int) -> list[parcel_views.ParcelView]:
    return [each for each in parcel_views.parcels(web, member, now) if each.held] if member else []


def _offers(web: Web, member: str | None, zone: str, now: int) -> list[offer_views.OfferView]:
    """What can be had now: those where the shopper stands first, then one of each other zone in turn."""
    found = offer_views.offers(web, member, now)
    taken: dict[str, int] = {}
    ranked = []
    for each in found:
        taken[each.zone] = taken.get(each.zone, 0) + 1
        ranked.append((each.zone != zone, 0 if each.zone == zone else taken[each.zone], each))
    ranked.sort(key=lambda one: one[:2])
    return [each for *_, each in ranked[:OFFERS]]


def _standing(web: Web, member: str | None, now: int) -> tuple[str, int] | None:
    """A member's level and points."""
    return (ledger.level(web.reads, member), ledger.balance(web.reads, member, now).points) if member else None


def _coupons(web: Web, member: str | None, now: int) -> int:
    """How many the shopper has that can be used."""
    return offer_views.usable(web, member, now) if member else 0


PAGE: Final = Page[Any, Any]("home", routes=router)
