"""`/api/v1/carts/unlock`: the hot route, in plain Starlette with msgspec, and its part of the OpenAPI document."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edge.errors import Refusal
from edge.web import limits
from edge.web.actions import shopping
from edge.web.audience import SHOPPER, audience
from edge.web.document import BOUNDED
from edge.web.problems import MEDIA_TYPE, Problem
from edge.web.request_ids import checked_request
from edge.web.server.direct_route import whole_body
from edge.web.server.fast_path import EncodedJson, FastRoute
from edge.web.server.turns import prompt
from edge.web.views.unlocks import UnlockProgress, unlock_view

if TYPE_CHECKING:
    from edge.domain.actuations import GrantProgress
    from edge.web.web import Web

PATH: Final = "/api/v1/carts/unlock"


class UnlockRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shopper asks for the cart whose code was scanned."""

    code: str
    """The scanned code, the last part of its address."""
    request: str
    """A UUID made by the caller: sent again, it answers with the same grant and opens nothing twice."""


_DECODER: Final = msgspec.json.Decoder(UnlockRequest)


def router(web: Web) -> APIRouter:
    """`POST /api/v1/carts/unlock`: 200 when it has opened, 202 at once on `Prefer: respond-async`, or a problem."""
    patience = web.settings.gateway.unlock_ttl_ms / 1000 + 2.0

    @audience(SHOPPER)
    @prompt
    async def unlock(request: Request) -> Response:
        started = time.perf_counter()
        try:
            asked = _DECODER.decode(await whole_body(request.receive))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Problem("bad_request", expected=str(error)) from None
        caller = web.caller(request)
        touchpoint = limits.touchpoint(web, request, asked.code)
        limits.take(web, request, "opening", touchpoint, caller.member if caller else None)
        grant = await shopping.unlock(web, touchpoint, caller, checked_request(asked.request))
        where = (b"location", f"/api/v1/grants/{grant.id}".encode())
        if b"respond-async" in dict(request.scope["headers"]).get(b"prefer", b""):
            progress = web.outcomes.progress(grant.id)
            if progress is None:
                raise Refusal("internal", grant=grant.id)
            body = msgspec.json.encode(unlock_view(web.texts, web.language(request), progress))
            return EncodedJson(body, 202, where, (b"preference-applied", b"respond-async"))
        progress = await web.outcomes.end(grant.id, patience)
        if progress is None:
            raise Refusal("internal", grant=grant.id)
        web.metrics.unlocked(time.perf_counter() - started)
        if progress.stage == "failed":
            raise Problem("unlock_failed", grant=grant.id, hop=progress.hop, reason=progress.reason)
        # Nothing says yet that it opened or failed: a full disk keeps the end from being recorded.
        status = 202 if progress.stage in ("asked", "sent") else 200
        return EncodedJson(_BARE.encode(_bare(progress)), status, where)

    routes = APIRouter()
    routes.routes.append(FastRoute.post(PATH, unlock, openapi()))
    return routes


class UnlockOutcome(msgspec.Struct, frozen=True, gc=False):
    """How an unlock ended, without words."""

    grant: str
    cart: str
    member: str
    stage: str
    hop: str | None
    reason: str | None
    ended_ms: int | None
    home_ms: int | None


_BARE: Final = msgspec.json.Encoder()


def _bare(of: GrantProgress) -> UnlockOutcome:
    return UnlockOutcome(of.grant, of.device, of.holder, of.stage, of.hop, of.reason, of.ended_ms, of.over_ms)


def openapi() -> tuple[dict[str, Any], dict[str, Any]]:
    """The path item and the schemas that FastAPI cannot see."""
    _, schemas = msgspec.json.schema_components(
        (UnlockRequest, UnlockProgress), ref_template="#/components/schemas/{name}"
    )
    schemas["UnlockRequest"]["properties"]["request"]["format"] = "uuid"
    progress = {"application/json": {"schema": {"$ref": "#/components/schemas/UnlockProgress"}}}
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    operation = {
        "tags": ["carts"],
        "summary": "Unlock a cart",
        "description": "Grants the cart durably, asks its lock, and answers when the end is durable too. "
        "Needs the cookie `sk_member`. Safe to repeat with the same `request`.",
        "operationId": "unlock_cart",
        "parameters": [
            {
                "name": "Prefer",
                "in": "header",
                "schema": {"type": "string", "enum": ["respond-async"]},
                "description": "Answer 202 as soon as the grant is durable; follow it at `Location`.",
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/UnlockRequest"}}},
        },
        "responses": {
            "200": {"description": "The lock has opened", "content": progress},
            "202": {"description": "Granted; the lock is being asked", "content": progress},
            "429": BOUNDED[429],
            "4XX": {"description": "Refused", "content": problem},
            "502": {"description": "The lock did not open: `hop` and `reason` say why", "content": problem},
            "507": {"description": "No space left: nothing was granted", "content": problem},
        },
    }
    return {"post": operation}, schemas
