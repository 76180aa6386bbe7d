"""`/help`: answers to what people ask most, and one tap that brings somebody."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from edge.domain.staff import calls
from edge.errors import Refusal
from edge.web import limits
from edge.web.audience import SHOPPER, audience
from edge.web.front import checked_request, now_ms
from edge.web.problems import Problem
from edge.web.session import new_browser

if TYPE_CHECKING:
    from edge.domain.touchpoints.touchpoints import Touchpoint
    from edge.web.front import Front

PLACE: Final = "sk_at"
"""The code that this browser scanned last: where its shopper probably stands."""
PLACE_SECONDS: Final = 2 * 3600
MOST_CODE: Final = 512


class Sent(BaseModel):
    """The one form of this page."""

    do: Literal["call", "withdraw"]
    request: str = Field(max_length=36)
    at: str = Field("", max_length=MOST_CODE)
    zone: str = Field("", max_length=64)


def router(front: Front) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/help")
    @audience(SHOPPER)
    async def page(request: Request, at: str = "") -> Response:
        """What is so: nobody was called, somebody was, or somebody is coming."""
        return _page(front, request, at)

    @routes.post("/help")
    @audience(SHOPPER)
    async def act(request: Request, form: Annotated[Sent, Form()]) -> Response:
        """Call, or say that nobody is needed any more; then back to the page."""
        browser = front.browser(request) or new_browser()
        response = RedirectResponse("/help" + (f"?at={form.at}" if _place(front, form.at) else ""), 303)
        try:
            limits.take(front, request, "calling" if form.do == "call" else "changing")
            if form.do == "call":
                await _call(front, form, browser)
            else:
                await front.gateway.decide(calls.withdraw, browser=browser)
        except Refusal as refusal:
            problem = Problem.of(refusal)
            said = problem.sentence(front.texts, front.language(request))
            return _page(front, request, form.at, problem.status, problem=said)
        front.sessions.greet(request, response, browser)
        return response

    @routes.get("/help/now")
    @audience(SHOPPER)
    async def now(request: Request) -> Response:
        """Where this browser's call stands."""
        call = _own(front, request)
        body = {"state": call.state if call else "", "name": call.name if call else ""}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    return routes


def stand(request: Request, response: Response, code: str) -> None:
    """From now on this browser is at that code."""
    secure = request.url.scheme == "https"
    response.set_cookie(PLACE, code, max_age=PLACE_SECONDS, path="/help", httponly=True, samesite="lax", secure=secure)


def _page(front: Front, request: Request, at: str, status: int = 200, **more: Any) -> Response:
    language, call = front.language(request), _own(front, request)
    code = at or request.cookies.get(PLACE, "")
    place = _place(front, code)
    zones = {zone.id: zone.name[language] for zone in front.gateway.settings.zones}
    return front.page(
        request,
        "help.html",
        status,
        at=code if place else "",
        place=_named(place, zones, language) if place else None,
        call=call,
        called_at=_called_at(front, call, zones, language) if call else "",
        zones=zones,
        **more,
    )


def _own(front: Front, request: Request) -> calls.Call | None:
    browser = front.browser(request)
    return calls.of(front.gateway.reads, browser) if browser else None


def _place(front: Front, code: str) -> Touchpoint | None:
    """The touchpoint of a code; one that has expired still says where its shopper stood."""
    if not code or len(code) > MOST_CODE:
        return None
    try:
        return front.gateway.codes.parse(code, now_ms())
    except Refusal:
        return None


def _named(place: Touchpoint, zones: dict[str, str], language: str) -> str:
    return f"{zones.get(place.zone, '')} · {place.label[language]}"


def _called_at(front: Front, call: calls.Call, zones: dict[str, str], language: str) -> str:
    found = next((each for each in front.gateway.settings.touchpoints if each.id == call.touchpoint), None)
    name = zones.get(call.zone, "")
    return f"{name} · {found.label[language]}" if found else name


async def _call(front: Front, form: Sent, browser: str) -> None:
    place = _place(front, form.at)
    await front.gateway.decide(
        calls.call,
        zone=place.zone if place else form.zone,
        touchpoint=place.id if place else "",
        browser=browser,
        request=checked_request(form.request or str(uuid.uuid4())),
    )
