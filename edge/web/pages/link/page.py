"""`/link`: the phones of a member. The old one lets a new one in, a number is proven, phones are logged out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from edge.domain.members import queries as member_queries
from edge.domain.members import sessions
from edge.domain.members.rules import UNDO_MS
from edge.errors import Refusal
from edge.gateway.linking import spelled
from edge.settings.store_time import local
from edge.web import qr_codes
from edge.web.actions import phones
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.page import Action, Page, PageForm, Shown
from edge.web.visit import Visit

if TYPE_CHECKING:
    from edge.domain.callers import Caller
    from edge.domain.members.rules import Link
    from edge.web.web import Web

WEEK_MS: Final = 7 * 24 * 3600_000
"""How long the page goes on telling who was let in."""
TEMPLATE: Final = "link/link.html"
_NO_STORE: Final = {"Cache-Control": "no-store"}


class LinkForm(PageForm):
    """Every field that a form of this page may send."""

    code: str = Field("", max_length=200)
    name: str = Field("", max_length=64)
    """Of a question, a session or a link."""


def router(web: Web) -> APIRouter:
    """What its script asks, and where an old phone's code leads."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/link/state")
    @audience(SHOPPER)
    async def state(request: Request, ask: str | None = None) -> JSONResponse:
        """A word that changes when the page has something new to show."""
        return JSONResponse({"state": _state(web, request, ask)}, headers=_NO_STORE)

    @routes.get("/link/{code}")
    @audience(SHOPPER)
    async def scanned(code: str, request: Request) -> Response:
        """The new phone has scanned the old one's code. Only its tap uses the code up: a preview does not. The browser
        gets its name here, so that a second tap is no second browser's.
        """
        response = Visit(web, PAGE, request).render(scanned=code[:64])
        web.cookies.greet(request, response, web.cookies.asking(request).name)
        return response

    return routes


def show(visit: Visit) -> Shown | Response:
    """The member's phones; or, where this phone has asked another one, how that stands."""
    asked, form = visit.request.query_params.get("ask"), visit.form
    if asked and form is None:
        return _waits(visit, asked)
    return TEMPLATE, _values(visit) | {"typed": form.code if form and form.do == "ask" else ""}


def _values(visit: Visit) -> dict[str, Any]:
    values: dict[str, Any] = {"asked": None, "offer": None, "phones": [], "news": [], "waits": None, "scanned": None}
    if visit.caller is not None:
        values |= _mine(visit.web, visit.request, visit.caller)
    sent = visit.request.query_params.get("sent") == "1"
    return {**values, "typed": "", "sent": sent, "state": _state(visit.web, visit.request, None)}


def _mine(web: Web, request: Request, caller: Caller) -> dict[str, Any]:
    """What a member sees: a question, or else a code; the phones; who was let in."""
    now = web.reads.now
    time = partial(local, where=web.layout.store.zone)
    asks = web.linking.asked_of(caller)
    offer = None
    if not asks:
        code, seconds = web.linking.offer(caller)
        picture = qr_codes.svg(f"{web.address(request)}/link/{code}", inline=True)
        offer = {"code": spelled(code), "qr": picture.decode(), "seconds": seconds}
    rows, firm = member_queries.sessions_of(web.reads, caller, now), member_queries.firm(web.reads, caller.member, now)
    here = next((row for row in rows if row.session == caller.session), None)
    return {
        "asked": asks[0] if asks else None,
        "asked_at": time(asks[0].at_ms) if asks else None,
        "offer": offer,
        "phones": [(row, row.session == caller.session, time(row.opened_ms)) for row in rows],
        "proven": caller.proof == "verified" and here is not None and here.proven_ms is not None,
        "sms": web.phone_verification.sender is not None,
        "news": [
            (row, time(row.at_ms), _may_undo(row, firm, now))
            for row in member_queries.notices(web.reads, caller.member, now - WEEK_MS)
        ],
    }


def _may_undo(row: Link, firm: list[str], now: int) -> bool:
    open_still = row.how == "staff" and row.parted_ms is None and now - row.at_ms <= UNDO_MS
    return bool(open_still and row.kin in firm and row.member not in firm)


def _waits(visit: Visit, name: str) -> Shown | Response:
    """This phone has asked: its digits until the other one answers, then in."""
    web, request = visit.web, visit.request
    try:
        found = web.linking.asked_by(name, web.browser(request))
    except Refusal:
        return visit.back()
    response = visit.back(done="linked")
    if phones.receive(web, request, response, found):
        return response
    if found.state in ("denied", "over"):
        return visit.back(done=found.state)
    return TEMPLATE, _values(visit) | {"waits": found, "state": _state(web, request, name)}


def _state(web: Web, request: Request, name: str | None) -> str:
    caller = web.caller(request)
    try:
        if name:
            found = web.linking.asked_by(name, web.browser(request))
            return f"{found.state}/{bool(found.session)}"
    except Refusal:
        return "over"
    asks = web.linking.asked_of(caller) if caller else []
    return asks[0].id if asks else ""


async def _ask(visit: Visit, form: LinkForm) -> Response:
    found, browser = phones.ask(visit.web, visit.request, form.code)
    response = visit.back(ask=found.id)
    visit.web.cookies.greet(visit.request, response, browser.name)
    return response


async def _answer(visit: Visit, form: LinkForm) -> Response:
    allow = form.do == "allow"
    said = visit.web.linking.answer_of(form.name, visit.caller) if visit.caller else "over"
    if said != ("allowed" if allow else "denied"):  # a second tap is answered as the first
        await phones.answer(visit.web, visit.caller, form.name, allow=allow)
    return visit.back(done="let_in" if allow else "refused")


async def _leave(visit: Visit, form: LinkForm) -> Response:
    decision = sessions.leave if form.do == "leave" else sessions.leave_everywhere
    if visit.caller is not None:  # a second tap finds nobody logged in
        await visit.web.decide(decision, caller=visit.caller)
    response = visit.back(done="left")
    visit.web.cookies.forget(response)
    return response


async def _send_away(visit: Visit, form: LinkForm) -> Response:
    await visit.web.decide(sessions.end_session, caller=require_caller(visit.caller), session=form.name)
    return visit.back(done="sent_away")


async def _take_back(visit: Visit, form: LinkForm) -> Response:
    await phones.take_back(visit.web, visit.caller, form.name)
    return visit.back(done="taken_back")


async def _send_code(visit: Visit, form: LinkForm) -> Response:  # noqa: ARG001 - the same for every form
    await phones.send_code(visit.web, visit.request)
    return visit.back(sent="1")


async def _prove(visit: Visit, form: LinkForm) -> Response:
    await phones.prove(visit.web, visit.request, form.code)
    return visit.back(done="proven")


DONE: Final = ("linked", "denied", "over", "let_in", "refused", "left", "sent_away", "taken_back", "proven")
PAGE: Final = Page[Visit, LinkForm](
    "link",
    path="/link",
    show=show,
    form=LinkForm,
    actions={
        "ask": Action(_ask),
        **dict.fromkeys(("allow", "deny"), Action(_answer)),
        **dict.fromkeys(("leave", "leave_everywhere"), Action(_leave)),
        "send_away": Action(_send_away),
        "take_back": Action(_take_back),
        "send_code": Action(_send_code),
        "prove": Action(_prove),
    },
    notices={done: f"link.done_{done}" for done in DONE},
    routes=router,
)
