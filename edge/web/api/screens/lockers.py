"""`/api/v1/screens/lockers`: putting something in and getting it back at a screen beside the bank, without a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from device_drivers.contract.answers.lockers import Banks, OpenedDoor
from edge.domain.callers import Caller, Proof
from edge.domain.lockers import decisions, queries, slips
from edge.domain.lockers.code_entry import CodeEntry, DoorContent
from edge.domain.lockers.rules import Size
from edge.errors import Refusal
from edge.gateway import typed_text
from edge.web import limits
from edge.web.actions import parcels as parcel_actions
from edge.web.audience import SCREEN, audience
from edge.web.document import RequestId, Switch
from edge.web.request_ids import checked_request
from edge.web.screens import ScreenRequest, asking_screen
from edge.web.server.direct_route import DirectRoute
from edge.web.server.turns import prompt
from edge.web.views import banks as views
from edge.web.views import parcels as parcel_views

if TYPE_CHECKING:
    from edge.domain.lockers.openings import Opening
    from edge.web.web import Web


class ScreenDepositRequest(BaseModel):
    """Somebody wants a door."""

    model_config = ConfigDict(extra="forbid")

    request: RequestId
    """A UUID made by the screen: sent again, it opens nothing twice."""
    size: Size
    low: Switch = False
    """Only a door within reach of somebody who sits, as long as there is one."""


class ScreenCollectRequest(BaseModel):
    """Somebody has six digits."""

    model_config = ConfigDict(extra="forbid")

    request: RequestId
    digits: str = Field(max_length=12)
    agreed: int = Field(0, ge=0, le=10**12)
    """The late fee that was shown and agreed to, in the currency's minor unit."""


def router(web: Web) -> APIRouter:
    """The routes of lockers at screens."""
    routes = APIRouter(route_class=DirectRoute, prefix="/api/v1/screens/lockers", tags=["screens"])
    _add_banks(routes, web)
    _add_collecting(routes, web)
    _add_openings(routes, web)
    return routes


def _add_banks(routes: APIRouter, web: Web) -> None:
    @routes.get("")
    @audience(SCREEN)
    async def listed(request: Request) -> Response:
        """The store's banks, those beside this screen first; what a deposit costs and how long it may lie."""
        asking = asking_screen(web, request)
        return _json(
            Banks(
                banks=tuple(views.banks(web, asking)),
                terms=parcel_views.terms(web, asking.language, web.reads.now),
                registers=_registers(web, asking),
            )
        )

    @routes.post("/{bank}/deposit", status_code=202)
    @audience(SCREEN)
    @prompt
    async def deposit(bank: str, body: ScreenDepositRequest, request: Request) -> Response:
        """A door for something; follow it by its `opening`. Refused: locker_elsewhere, and as on the phone."""
        asking = _asking_beside(web, request, bank)
        limits.take(web, request, "opening")
        if _registers(web, asking):
            raise Refusal("not_registered")
        caller = _caller(web, asking) or await web.screen_guests.come(asking.screen, asking.session, asking.language)
        opening = await web.decide(
            decisions.deposit,
            codes=web.codes,
            bank=bank,
            size=body.size,
            low=body.low,
            few=web.crowd.doors(bank),
            caller=caller,
            request=checked_request(body.request),
        )
        return _opening_answer(web, request, asking, opening)


def _add_collecting(routes: APIRouter, web: Web) -> None:
    @routes.post("/{bank}/collect", status_code=202)
    @audience(SCREEN)
    @prompt
    async def collect(bank: str, body: ScreenCollectRequest, request: Request) -> Response:
        """Opens the door of six digits. Where a late fee is due that was not agreed to, it says so and opens nothing.

        Refused: locker_elsewhere, parcel_code_wrong, parcel_wait, parcel_gone.
        """
        asking, number = _asking_beside(web, request, bank), checked_request(body.request)
        digits = typed_text.digits(body.digits)
        if len(digits) != 6:
            raise Refusal("parcel_code_wrong", expected="six digits")
        place = CodeEntry(f"keypad {asking.screen}", keypad=True)
        found = await parcel_actions.open_by_digits(web, bank, digits, number, place, body.agreed)
        if found is None:
            raise Refusal("parcel_code_wrong")
        if isinstance(found, DoorContent):
            return _json(parcel_views.fee_of(web, asking.language, found))
        return _opening_answer(web, request, asking, found)


def _add_openings(routes: APIRouter, web: Web) -> None:
    @routes.get("/openings/{opening}")
    @audience(SCREEN)
    @prompt
    async def followed(opening: str, request: Request) -> Response:
        """How the door stands; with the collect code, where this session put something in."""
        return _json(_opened_door(web, request, asking_screen(web, request), opening))

    @routes.post("/openings/{opening}/share")
    @audience(SCREEN)
    async def share(opening: str, request: Request) -> Response:
        """A second code to give away. Only for whoever put it in, in this session. Refused: parcel_unknown."""
        asking = asking_screen(web, request)
        caller, parcel = _own_parcel(web, request, asking, opening)
        await web.decide(decisions.share, codes=web.codes, parcel=parcel, caller=caller, request=f"share-{parcel}")
        return _json(_opened_door(web, request, asking, opening))

    @routes.post("/openings/{opening}/light")
    @audience(SCREEN)
    async def light(opening: str, request: Request) -> Response:
        """Lights the open door once more; nothing where its bank has no lights. Refused: locker_elsewhere."""
        found = _opened_door(web, request, asking_screen(web, request), opening)
        _asking_beside(web, request, found.bank)
        limits.take(web, request, "finding")
        if found.lights and found.stage == "open":
            await web.light(found.bank, found.door, queries.fence(web.reads, found.bank, found.door))
        return _json(found)

    @routes.post("/openings/{opening}/print")
    @audience(SCREEN)
    async def print_slip(opening: str, request: Request) -> Response:
        """The code on paper, once. Refused: parcel_unknown, parcel_gone, printer_unknown."""
        asking = asking_screen(web, request)
        caller, parcel = _own_parcel(web, request, asking, opening)
        await web.decide(slips.print_slip, parcel=parcel, caller=caller, language=asking.language)
        return _json(_opened_door(web, request, asking, opening))


def _asking_beside(web: Web, request: Request, bank: str) -> ScreenRequest:
    """Who asks. Raises `Refusal` locker_elsewhere for a bank that nobody at this screen can see."""
    asking = asking_screen(web, request)
    if not views.is_beside(web, asking.screen, bank):
        raise Refusal("locker_elsewhere", bank=bank)
    return asking


def _registers(web: Web, asking: ScreenRequest) -> bool:
    """Whether whoever stands there must be a member first."""
    return web.settings.members.ask.screen == "before" and _caller(web, asking) is None


def _caller(web: Web, asking: ScreenRequest) -> Caller | None:
    """Whoever stands there: the member who showed a code, or this session's guest."""
    member = web.visits.asking(asking.screen, asking.session).member
    if member:
        return Caller(member, f"screen/{asking.screen}", Proof.DEVICE)
    return web.screen_guests.known(asking.screen, asking.session)


def _own_parcel(web: Web, request: Request, asking: ScreenRequest, opening: str) -> tuple[Caller, str]:
    found, caller = _opened_door(web, request, asking, opening), _caller(web, asking)
    if caller is None or not found.parcel:
        raise Refusal("parcel_unknown")
    return caller, found.parcel


def _opened_door(web: Web, request: Request, asking: ScreenRequest, opening: str) -> OpenedDoor:
    found = views.opening_view(web, asking, opening, _caller(web, asking), web.address(request))
    if found is None:
        raise Refusal("not_found")
    return found


def _opening_answer(web: Web, request: Request, asking: ScreenRequest, opening: Opening) -> Response:
    return _json(_opened_door(web, request, asking, opening.id), 202)


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, {"Cache-Control": "no-store"}, "application/json")
