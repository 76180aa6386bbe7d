"""`/api/v1/coupons`: what is on offer, and claiming into the shopper's wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from edge.web import limits
from edge.web.actions import shopping
from edge.web.audience import ANYBODY, SHOPPER, audience
from edge.web.document import BOUNDED, RequestId
from edge.web.request_ids import checked_request
from edge.web.server.direct_route import DirectRoute
from edge.web.views import offers as offer_views

if TYPE_CHECKING:
    from edge.web.views.offers import OfferView
    from edge.web.web import Web


class ClaimRequest(BaseModel):
    """A shopper claims the coupon of a code, or one of the zone that the code belongs to."""

    model_config = ConfigDict(extra="forbid")

    code: str | None = Field(None, max_length=512)
    """The scanned code; for a screen's coupon the one that the screen shows now."""
    ticket: str | None = Field(None, max_length=1024)
    """From a page that this browser opened while the code was valid."""
    coupon: str | None = Field(None, max_length=64)
    """Which one, where the code names a zone and not a coupon."""
    request: RequestId
    """A UUID made by the caller: sent again, it claims once."""


class ClaimResult(BaseModel):
    """The coupon is in the wallet."""

    coupon: str
    already: bool
    """Whether it had been there before."""


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(route_class=DirectRoute, prefix="/api/v1/coupons", tags=["coupons"])

    @routes.post("/claim", responses=BOUNDED)
    @audience(SHOPPER)
    async def claim(body: ClaimRequest, request: Request) -> ClaimResult:
        """Saves a coupon. Needs the cookie `sk_member`."""
        touchpoint = limits.touchpoint(web, request, body.code or "", body.ticket)
        caller = web.caller(request)
        limits.take(web, request, "claiming", touchpoint, caller.member if caller else None)
        claimed = await shopping.claim(web, touchpoint, body.coupon, caller, checked_request(body.request))
        return ClaimResult(coupon=claimed.coupon, already=claimed.already)

    @routes.get("")
    @audience(ANYBODY)
    async def read(request: Request, zone: str | None = None) -> list[dict[str, Any]]:
        """What can be claimed now, of one zone or of the whole store."""
        caller = web.caller(request)
        offers = offer_views.offers(web, caller.member if caller else None, web.reads.now, zone)
        return [_flat_offer(offer) for offer in offers]

    return routes


def _flat_offer(offer: OfferView) -> dict[str, Any]:
    """Without a level of its own for the look."""
    told: dict[str, Any] = msgspec.to_builtins(offer)
    return {**told.pop("look"), **told}
