"""`/link`: the phones of a member. The old one lets a new one in, a number is proven, phones are logged out."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import segno
from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from edge.domain.members import families, joining, sessions
from edge.domain.members.families import UNDO_MS
from edge.errors import JournalError, Refusal
from edge.gateway.linking import spelled
from edge.settings.store_time import local
from edge.web import link_acts
from edge.web.acts import known
from edge.web.audience import SHOPPER, audience
from edge.web.front import now_ms
from edge.web.language import chosen
from edge.web.problems import Problem

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from edge.domain.callers import Caller
    from edge.web.front import Front

WEEK_MS: Final = 7 * 24 * 3600_000
"""How long the page goes on telling who was let in."""
_NO_STORE: Final = {"Cache-Control": "no-store"}


class Sent(BaseModel):
    """Every field that a form of this page may send."""

    do: Literal["ask", "allow", "deny", "leave", "leave_everywhere", "send_away", "take_back", "send_code", "prove"]
    code: str = Field("", max_length=200)
    name: str = Field("", max_length=64)
    """Of a question, a session or a link."""


def router(front: Front) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/link")
    @audience(SHOPPER)
    async def phones(request: Request, ask: str | None = None) -> Response:
        """The member's phones; or, where this phone has asked another one, how that stands."""
        return _waits(front, request, ask) if ask else _page(front, request)

    @routes.get("/link/state")
    @audience(SHOPPER)
    async def state(request: Request, ask: str | None = None) -> JSONResponse:
        """A word that changes when the page has something new to show."""
        return JSONResponse({"state": _state(front, request, ask)}, headers=_NO_STORE)

    @routes.get("/link/{code}")
    @audience(SHOPPER)
    async def scanned(code: str, request: Request) -> Response:
        """The new phone has scanned the old one's code. Only its tap uses the code up: a preview does not."""
        return _page(front, request, scanned=code[:64])

    @routes.post("/link")
    @audience(SHOPPER)
    async def act(request: Request, form: Annotated[Sent, Form()]) -> Response:
        """A form of the page; then back to it."""
        try:
            return await ACTS[form.do](front, request, form)
        except (Refusal, JournalError) as error:
            problem = Problem.of(error)
            sentence = front.texts.refusal(chosen(request), problem.code, **problem.members)
            return _page(front, request, problem.status, problem=sentence, typed=form.code if form.do == "ask" else "")

    return routes


def _page(front: Front, request: Request, status: int = 200, **extra: Any) -> Response:
    caller = front.caller(request)
    values: dict[str, Any] = {"asked": None, "offer": None, "phones": [], "news": [], "waits": None, "scanned": None}
    if caller is not None:
        values |= _mine(front, request, caller)
    done = request.query_params.get("done")
    notice = front.texts.say(chosen(request), f"link.done_{done}") if done in DONE else None
    typed = extra.pop("typed", "")
    return front.page(
        request,
        "link.html",
        status,
        **{
            **values,
            "member": caller.member if caller else None,
            "notice": notice,
            "typed": typed,
            "sent": request.query_params.get("sent") == "1",
            "state": _state(front, request, None),
            **extra,
        },
    )


def _mine(front: Front, request: Request, caller: Caller) -> dict[str, Any]:
    """What a member sees: a question, or else a code; the phones; who was let in."""
    gateway, now = front.gateway, now_ms()
    time = partial(local, where=gateway.settings.store.zone)
    asks = gateway.linking.asked_of(caller)
    offer = None
    if not asks:
        code, seconds = gateway.linking.offer(caller)
        offer = {"code": spelled(code), "qr": _qr(f"{front.address(request)}/link/{code}"), "seconds": seconds}
    rows, firm = sessions.mine(gateway.reads, caller, now), families.firm(gateway.reads, caller.member, now)
    here = next((row for row in rows if row["session"] == caller.session), None)
    return {
        "asked": asks[0] if asks else None,
        "asked_at": time(asks[0].at_ms) if asks else None,
        "offer": offer,
        "phones": [(row, row["session"] == caller.session, time(row["opened_ms"])) for row in rows],
        "proven": caller.proof == "verified" and here is not None and here["proven_ms"] is not None,
        "sms": gateway.proving.sender is not None,
        "news": [
            (row, time(row["at_ms"]), _may_undo(row, firm, now))
            for row in joining.told(gateway.reads, caller.member, now - WEEK_MS)
        ],
    }


def _may_undo(row: sqlite3.Row, firm: list[str], now: int) -> bool:
    open_still = row["how"] == "staff" and row["parted_ms"] is None and now - row["at_ms"] <= UNDO_MS
    return bool(open_still and row["kin"] in firm)


def _waits(front: Front, request: Request, name: str) -> Response:
    """This phone has asked: its digits until the other one answers, then in."""
    try:
        found = front.gateway.linking.asked_by(name, front.browser(request))
    except Refusal:
        return RedirectResponse("/link", 303)
    response = RedirectResponse("/link?done=linked", 303)
    if link_acts.receive(front, request, response, found):
        return response
    if found.state in ("denied", "over"):
        return RedirectResponse(f"/link?done={found.state}", 303)
    return _page(front, request, waits=found, state=_state(front, request, name))


def _state(front: Front, request: Request, name: str | None) -> str:
    caller = front.caller(request)
    try:
        if name:
            found = front.gateway.linking.asked_by(name, front.browser(request))
            return f"{found.state}/{bool(found.session)}"
    except Refusal:
        return "over"
    asks = front.gateway.linking.asked_of(caller) if caller else []
    return asks[0].id if asks else ""


def _qr(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=4, dark="#14231c", light="#ffffff", xmldecl=False, svgns=False, omitsize=True
    )
    return out.getvalue().decode()


async def _ask(front: Front, request: Request, form: Sent) -> Response:
    found, browser = link_acts.ask(front, request, form.code)
    response = RedirectResponse(f"/link?ask={found.id}", 303)
    front.sessions.greet(request, response, browser.name)
    return response


async def _answer(front: Front, request: Request, form: Sent) -> Response:
    await link_acts.answer(front, front.caller(request), form.name, allow=form.do == "allow")
    return RedirectResponse("/link?done=" + ("let_in" if form.do == "allow" else "refused"), 303)


async def _leave(front: Front, request: Request, form: Sent) -> Response:
    decision = sessions.leave if form.do == "leave" else sessions.leave_everywhere
    await front.gateway.decide(decision, caller=known(front.caller(request)))
    response = RedirectResponse("/link?done=left", 303)
    front.sessions.forget(response)
    return response


async def _send_away(front: Front, request: Request, form: Sent) -> Response:
    caller = known(front.caller(request))
    await front.gateway.decide(sessions.send_away, caller=caller, session=form.name)
    return RedirectResponse("/link?done=sent_away", 303)


async def _take_back(front: Front, request: Request, form: Sent) -> Response:
    await link_acts.take_back(front, front.caller(request), form.name)
    return RedirectResponse("/link?done=taken_back", 303)


async def _send_code(front: Front, request: Request, form: Sent) -> Response:  # noqa: ARG001 - the same for every form
    await link_acts.send_code(front, request)
    return RedirectResponse("/link?sent=1", 303)


async def _prove(front: Front, request: Request, form: Sent) -> Response:
    await link_acts.prove(front, request, form.code)
    return RedirectResponse("/link?done=proven", 303)


ACTS: Final[dict[str, Callable[[Front, Request, Sent], Awaitable[Response]]]] = {
    "ask": _ask,
    "allow": _answer,
    "deny": _answer,
    "leave": _leave,
    "leave_everywhere": _leave,
    "send_away": _send_away,
    "take_back": _take_back,
    "send_code": _send_code,
    "prove": _prove,
}
DONE: Final = frozenset({"linked", "denied", "over", "let_in", "refused", "left", "sent_away", "taken_back", "proven"})
