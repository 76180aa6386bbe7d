"""`/api/v1/umbrellas`: where some are left, and taking one."""

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
from umbrella_stand import decisions, queries
from umbrella_stand.facts import KIND

if TYPE_CHECKING:
    from edge.web.web import Web


class Lending(BaseModel):
    """A shopper asks for an umbrella of the stand whose code was scanned."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=512)
    request: RequestId


class Lent(BaseModel):
    """An umbrella is on its way; `/api/v1/grants/{grant}` tells how far."""

    grant: str


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1/umbrellas", tags=["umbrellas"])

    @routes.get("")
    @audience(ANYBODY)
    async def read() -> list[dict[str, Any]]:
        """Every stand, and how many umbrellas are left there."""
        return [msgspec.to_builtins(stand) for stand in queries.stands(web.reads)]

    @routes.post("/lend", responses=BOUNDED)
    @audience(SHOPPER)
    async def lend(body: Lending, request: Request) -> Lent:
        """Frees an umbrella. Needs the cookie `sk_member`."""
        touchpoint = limits.touchpoint(web, request, body.code)
        caller = shopping.require_caller(web.caller(request))
        limits.take(web, request, "opening", touchpoint, caller.member)
        shopping.require_purpose(touchpoint, KIND)
        stand = touchpoint.device or ""
        asked = checked_request(body.request)
        return Lent(grant=await web.decide(decisions.lend, stand=stand, caller=caller, request=asked))

    return routes
