"""`/api/v1/me`: what the store holds of the caller, what they agreed to, and the end of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from edge.domain.members import consents, erasure
from edge.domain.members.consent_texts import Purpose
from edge.web import limits
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.document import RequestId, Switch
from edge.web.request_ids import checked_request
from edge.web.views.personal_data import PersonalData

if TYPE_CHECKING:
    from edge.web.web import Web


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    request: RequestId
    """A UUID made by the caller: the same one acts once."""


class ConsentState(BaseModel):
    """Where the caller stands with one purpose."""

    purpose: Purpose
    given: Switch
    version: str
    """To which it was given, or given last; empty where it never was."""
    since_ms: int
    wanted: str
    """The version in force."""
    current: bool
    """Whether it covers the version in force. A new use of carts, lockers and coupons needs that for `service`."""


class ConsentRequest(_Body):
    """Agrees to texts, or takes a consent back."""

    purpose: Purpose
    given: Switch
    version: str = Field("", max_length=32)
    """The version that was shown; empty for the one in force."""


class EraseRequest(_Body):
    """Asks to be erased."""

    wait: Switch = False
    """Where something of the caller is in the store or a cart is out: erase as soon as that has ended."""


class EraseResult(BaseModel):
    """What came of it."""

    erased: bool
    waits_for: list[dict[str, str]]
    """What has to end first: `kind` cart, parcel or order, `device` or the order's number, `door`."""


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(prefix="/api/v1/me", tags=["me"])
    own = PersonalData(web)
    _add_consents(routes, web, own)

    @routes.get("/data")
    @audience(SHOPPER)
    async def data(request: Request, response: Response) -> dict[str, Any]:
        """Everything that the store holds of the caller, in words and as data, to keep."""
        caller = require_caller(web.caller(request))
        limits.take(web, request, "asking", member=caller.member)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
        return await own.whole(caller, web.language(request))

    @routes.post("/erase")
    @audience(SHOPPER)
    async def erase(body: EraseRequest, request: Request, response: Response) -> EraseResult:
        """Erases the caller: key, index, sessions and codes are destroyed. Refused with erase_waits where something of
        theirs is in the store, unless it may wait.
        """
        limits.take(web, request, "changing", member=limits.member(web, request))
        done = await web.decide(
            erasure.request_erasure,
            caller=require_caller(web.caller(request)),
            patient=body.wait,
            request=checked_request(body.request),
        )
        if done.erased:
            web.cookies.forget(response)
        holds = [{"kind": hold.kind, "device": hold.device, "door": hold.door} for hold in done.holds]
        return EraseResult(erased=bool(done.erased), waits_for=holds)

    @routes.delete("/erase", status_code=204)
    @audience(SHOPPER)
    async def stay(request: Request) -> Response:
        """Takes a waiting erasure back."""
        await web.decide(erasure.withdraw_request, caller=require_caller(web.caller(request)), request="")
        return Response(status_code=204)

    return routes


def _add_consents(routes: APIRouter, web: Web, own: PersonalData) -> None:
    @routes.get("/consents")
    @audience(SHOPPER)
    async def agreed(request: Request, response: Response) -> list[ConsentState]:
        """What the caller agreed to, and to which version."""
        response.headers["Cache-Control"] = "no-store"
        return _states(own, require_caller(web.caller(request)).member)

    @routes.post("/consents")
    @audience(SHOPPER)
    async def agree(body: ConsentRequest, request: Request) -> list[ConsentState]:
        """Agrees to the texts in force, or takes a consent back; each purpose by itself."""
        caller, asked = require_caller(web.caller(request)), checked_request(body.request)
        limits.take(web, request, "changing", member=caller.member)
        if body.given:
            shown = {body.purpose: body.version}
            await web.decide(consents.give, caller=caller, shown=shown, language=web.language(request), request=asked)
        else:
            await web.decide(consents.withdraw, caller=caller, purpose=body.purpose, request=asked)
        return _states(own, caller.member)


def _states(own: PersonalData, member: str) -> list[ConsentState]:
    return [
        ConsentState(
            purpose=state.purpose,
            given=state.given,
            version=state.version,
            since_ms=state.since_ms,
            wanted=state.wanted,
            current=state.current,
        )
        for state in own.agreed(member)
    ]
