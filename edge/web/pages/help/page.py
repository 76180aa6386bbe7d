"""`/help`: answers to what people ask most, and one tap that brings somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from edge.domain.staff import calls
from edge.domain.staff import queries as staff_queries
from edge.domain.staff.rules import Call
from edge.web.audience import SHOPPER, audience
from edge.web.cookies import new_browser
from edge.web.last_touchpoint import MAX_CODE, PLACE, touchpoint_of_code
from edge.web.page import Action, Page, PageForm, Shown
from edge.web.request_ids import checked_request
from edge.web.visit import Visit

if TYPE_CHECKING:
    from edge.domain.touchpoints.codes import Touchpoint
    from edge.web.web import Web


class HelpForm(PageForm):
    """The one form of this page."""

    request: str = Field(max_length=36)
    at: str = Field("", max_length=MAX_CODE)
    zone: str = Field("", max_length=64)


def router(web: Web) -> APIRouter:
    """What its script asks."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/help/now")
    @audience(SHOPPER)
    async def now(request: Request) -> Response:
        """Where this browser's call stands."""
        call = _own_call(web, request)
        body = {"state": call.state if call else "", "name": call.name if call else ""}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    return routes


def show(visit: Visit) -> Shown:
    """What is so: nobody was called, somebody was, or somebody is coming."""
    web, request, language = visit.web, visit.request, visit.language
    call, form = _own_call(web, request), visit.form
    code = (form.at if form else request.query_params.get("at")) or request.cookies.get(PLACE, "")
    place = touchpoint_of_code(web, code)
    zones = {zone.id: zone.name[language] for zone in web.layout.zones}
    return "help/help.html", {
        "at": code if place else "",
        "place": _place_name(place, zones, language) if place else None,
        "call": call,
        "called_at": _called_at(web, call, zones, language) if call else "",
        "zones": zones,
    }


def _own_call(web: Web, request: Request) -> Call | None:
    browser = web.browser(request)
    return staff_queries.call_of(web.reads, browser) if browser else None


def _place_name(place: Touchpoint, zones: dict[str, str], language: str) -> str:
    return f"{zones.get(place.zone, '')} · {place.label[language]}"


def _called_at(web: Web, call: Call, zones: dict[str, str], language: str) -> str:
    found = web.layout.touchpoint(call.touchpoint)
    name = zones.get(call.zone, "")
    return f"{name} · {found.label[language]}" if found else name


async def _call(visit: Visit, form: HelpForm) -> Response:
    browser, place = visit.web.browser(visit.request) or new_browser(), touchpoint_of_code(visit.web, form.at)
    await visit.web.decide(
        calls.call,
        zone=place.zone if place else form.zone,
        touchpoint=place.id if place else "",
        browser=browser,
        request=checked_request(form.request),
    )
    return _answer(visit, form, browser)


async def _withdraw(visit: Visit, form: HelpForm) -> Response:
    """Nobody is needed any more."""
    browser = visit.web.browser(visit.request) or new_browser()
    await visit.web.decide(calls.withdraw, browser=browser)
    return _answer(visit, form, browser)


def _answer(visit: Visit, form: HelpForm, browser: str) -> Response:
    response = visit.back(**({"at": form.at} if touchpoint_of_code(visit.web, form.at) else {}))
    visit.web.cookies.greet(visit.request, response, browser)
    return response


PAGE: Final = Page[Visit, HelpForm](
    "help",
    path="/help",
    show=show,
    form=HelpForm,
    actions={"call": Action(_call, bound="calling"), "withdraw": Action(_withdraw, bound="changing")},
    routes=router,
)
