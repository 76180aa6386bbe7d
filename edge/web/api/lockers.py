"""`/api/v1/lockers`: banks, deposits, collections; an opening is followed by polling or as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers import serving as locker_serving
from edge.domain.lockers.code_entry import DoorContent
from edge.domain.lockers.rules import Size
from edge.errors import Refusal
from edge.web import limits
from edge.web.actions import parcels as parcel_actions
from edge.web.actions.shopping import require_caller
from edge.web.audience import INSIDE, SHOPPER, audience
from edge.web.document import BOUNDED, STREAM, RequestId, Switch
from edge.web.request_ids import checked_request
from edge.web.server.direct_route import DirectRoute
from edge.web.server.event_streams import stream
from edge.web.server.turns import prompt
from edge.web.views import parcels as parcel_views
from edge.web.views.grants import follow as follow_grant
from edge.web.views.parcels import DoorProgress

if TYPE_CHECKING:
    from typing import Any

    from edge.domain.lockers.openings import Opening
    from edge.web.web import Web


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    request: RequestId
    """A UUID made by the caller: sent again, it answers with the same opening and opens nothing twice."""


class DepositRequest(_Body):
    """A shopper wants a door for a parcel."""

    code: str = Field(max_length=512)
    """The bank's scanned code."""
    size: Size
    low: Switch = False
    """Only a door within reach of somebody who sits, as long as there is one."""
    door: str | None = Field(None, max_length=8)
    """A free door of at least that size, by its name; without it the smallest that fits."""
    slip: Switch = False
    """Print the collect code too, once the door is closed."""


class CollectRequest(_Body):
    """Somebody wants a parcel: its owner by name, anybody by its QR code or by six digits at its bank."""

    code: str | None = Field(None, max_length=512)
    """The bank's code, with `digits`; or the parcel's own."""
    digits: str | None = Field(None, max_length=12)
    parcel: str | None = Field(None, max_length=36)
    agreed: int | None = Field(None, ge=0, le=10**12)
    """The late fee that was shown and agreed to, in the currency's minor unit, 0 where it is left out; more is told
    first. Only the keypad of a bank's own screen opens without."""


class ShareRequest(_Body):
    """The owner makes a second code."""


class SharedCode(BaseModel):
    """What to give away."""

    digits: str
    code: str
    url: str


class SlipProgress(BaseModel):
    """A slip on its way to paper."""

    job: str
    printer: str
    state: str


def router(web: Web) -> APIRouter:
    """The routes of this noun."""
    routes = APIRouter(route_class=DirectRoute, prefix="/api/v1/lockers", tags=["lockers"])

    @routes.get("")
    @audience(INSIDE)
    async def banks() -> Response:
        """Every bank with its doors: free, used, open, jammed, dead, overdue or out; `why` it gives none, if so."""
        spots = locker_serving.spots(web.reads, web.reads.now)
        found = [device for device in web.devices() if device.kind == "locker"]
        return _json(
            [
                {"id": bank.id, "zone": bank.zone, "label": bank.label, "online": bank.online}
                | {"why": spots[bank.id].why, "free": spots[bank.id].free, "doors": parcel_views.doors(web, bank.id)}
                for bank in found
                if bank.id in spots
            ]
        )

    @routes.get("/parcels")
    @audience(SHOPPER)
    async def mine(request: Request) -> Response:
        """The member's parcels, with the codes that open their doors."""
        return _json(parcel_views.parcels(web, require_caller(web.caller(request)).member, web.reads.now))

    _add_acts(routes, web)
    _add_sharing(routes, web)
    _add_openings(routes, web)
    return routes


def _add_acts(routes: APIRouter, web: Web) -> None:
    @routes.post("/deposit", status_code=202, responses=BOUNDED)
    @audience(SHOPPER)
    @prompt
    async def deposit(body: DepositRequest, request: Request) -> Response:
        """Gives a fitting free door and asks its lock; follow it at `Location`."""
        touchpoint = limits.touchpoint(web, request, body.code)
        caller = web.caller(request)
        limits.take(web, request, "opening", touchpoint, caller.member if caller else None)
        opening = await parcel_actions.deposit(
            web,
            touchpoint,
            caller,
            size=body.size,
            low=body.low,
            slip=web.language(request) if body.slip else None,
            door=body.door,
            request=checked_request(body.request),
        )
        return _accepted(web, request, opening)

    @routes.post("/collect", status_code=202, responses=BOUNDED)
    @audience(SHOPPER)
    @prompt
    async def collect(body: CollectRequest, request: Request) -> Response:
        """Opens a parcel's door; follow it at `Location`.

        Digits need the code of the bank's own screen, or a browser that has just opened the bank's page; wrong ones
        slow that screen or browser with each try. Where a late fee beyond `agreed` is due, that is the answer (200) and
        nothing opens.
        """
        number = checked_request(body.request)
        if body.parcel is not None:
            caller = web.caller(request)
            limits.take(web, request, "collecting", member=caller.member if caller else None)
            found = await parcel_actions.take(web, caller, body.parcel, number, body.agreed or 0)
        elif body.code is None:
            raise Refusal("code_unknown")
        else:
            touchpoint = limits.touchpoint(web, request, body.code)
            limits.take(web, request, "collecting")
            if body.digits is None:
                found = await parcel_actions.take_by_code(web, touchpoint, number, body.agreed or 0)
            else:
                found = await parcel_actions.take_by_digits(web, request, touchpoint, body.digits, number, body.agreed)
        if isinstance(found, DoorContent):
            return _json(parcel_views.fee_of(web, web.language(request), found))
        return _accepted(web, request, found)


def _add_sharing(routes: APIRouter, web: Web) -> None:

    @routes.post("/parcels/{parcel}/share", responses=BOUNDED)
    @audience(SHOPPER)
    async def share(parcel: str, body: ShareRequest, request: Request) -> SharedCode:
        """A second code for somebody else; the same one until it is taken back."""
        limits.take(web, request, "changing", member=limits.member(web, request))
        seed = await parcel_actions.share(web, web.caller(request), parcel, checked_request(body.request))
        found = locker_queries.parcel(web.reads, parcel)
        code = web.codes.collect(found.bank if found else "", seed)
        return SharedCode(digits=web.codes.digits(seed), code=code, url=f"{web.address(request)}/t/{code}")

    @routes.post("/parcels/{parcel}/slip", status_code=202, responses=BOUNDED)
    @audience(SHOPPER)
    async def print_slip(parcel: str, request: Request) -> SlipProgress:
        """The parcel's code on paper, once; a slip that did not come out is tried again."""
        limits.take(web, request, "changing", member=limits.member(web, request))
        job = await parcel_actions.print_slip(web, web.caller(request), parcel, web.language(request))
        return SlipProgress(job=job.job, printer=job.printer, state=job.state)

    @routes.delete("/parcels/{parcel}/share", status_code=204, responses=BOUNDED)
    @audience(SHOPPER)
    async def unshare(parcel: str, request: Request) -> Response:
        """What was given away is good no more."""
        limits.take(web, request, "changing", member=limits.member(web, request))
        await parcel_actions.unshare(web, web.caller(request), parcel)
        return Response(status_code=204)


def _add_openings(routes: APIRouter, web: Web) -> None:
    @routes.get("/openings/{opening}")
    @audience(SHOPPER)
    @prompt
    async def read(opening: str, request: Request) -> Response:
        """The whole progress now."""
        return _json(_progress(web, request, opening))

    @routes.get("/openings/{opening}/events", response_class=StreamingResponse, responses=STREAM)
    @audience(SHOPPER)
    async def follow(opening: str, request: Request) -> StreamingResponse:
        """The whole progress at each change, as server-sent events; it ends when the door is closed."""
        bank, language = _progress(web, request, opening).bank, web.language(request)
        return stream(
            follow_grant(web, lambda: parcel_views.progress(web, web.texts, language, opening), opening, bank)
        )


def _json(body: Any, status: int = 200, **headers: str) -> Response:
    return Response(msgspec.json.encode(body), status, {"Cache-Control": "no-store", **headers}, "application/json")


def _accepted(web: Web, request: Request, opening: Opening) -> Response:
    where = f"/api/v1/lockers/openings/{opening.id}"
    return _json(_progress(web, request, opening.id), 202, Location=where)


def _progress(web: Web, request: Request, opening: str) -> DoorProgress:
    found = parcel_views.progress(web, web.texts, web.language(request), opening)
    if found is None:
        raise Refusal("not_found")
    return found
