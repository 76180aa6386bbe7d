"""`/b/{code}`: a basket that was gathered at a screen comes to this phone. `/handover`: this phone's goes to a screen.

Opening the page takes nothing: programs open links too. Whoever comes second reads who has it. Plain forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from edge.domain.baskets import parked
from edge.domain.baskets import queries as basket_queries
from edge.errors import JournalError, Refusal
from edge.web import limits, qr_codes
from edge.web.actions import basket as actions
from edge.web.actions.shopping import require_caller
from edge.web.audience import SHOPPER, audience
from edge.web.page import Action, Page, PageForm, Shown
from edge.web.pages.message.page import refused
from edge.web.problems import Problem
from edge.web.request_ids import checked_request
from edge.web.views import handover as views
from edge.web.visit import Visit, read_form

if TYPE_CHECKING:
    from edge.web.web import Web

BASKET: Final = "/basket"
TO: Final = {"basket": "/basket?done={done}", "pay": "/basket?done={done}#pay"}


class TakeForm(PageForm):
    """Which way it goes on."""

    to: str = "basket"


def router(web: Web) -> APIRouter:
    """The routes of a basket's code."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/b/{code}")
    @audience(SHOPPER)
    async def arrive(code: str, request: Request) -> Response:
        """What lies in it, and a button; or who has it."""
        try:
            limits.take(web, request, "visiting")
            return _page(web, request, _seed(web, request, code), code)
        except Refusal as refusal:
            return refused(web, request, refusal)

    @routes.post("/b/{code}")
    @audience(SHOPPER)
    async def take(code: str, request: Request) -> Response:
        """It comes to this phone's basket."""
        form = await read_form(request, TakeForm)
        try:
            limits.take(web, request, "shopping", member=limits.member(web, request))
            return await _take(web, request, _seed(web, request, code), form)
        except (Refusal, JournalError) as error:
            problem = Problem.of(error)
            if problem.code in ("basket_taken", "basket_gone"):
                return _page(web, request, _seed(web, request, code), code, problem.status)
            return refused(web, request, error)

    return routes


def _seed(web: Web, request: Request, code: str) -> str:
    try:
        return web.handover.seed_of(code)
    except Refusal:
        limits.take(web, request, "guessing")
        raise


def _page(web: Web, request: Request, seed: str, code: str, status: int = 200) -> Response:
    language, caller = web.language(request), web.caller(request)
    shown = views.handover_view(web, seed, caller.member if caller else None, language)
    if shown.state == "yours":
        return RedirectResponse(BASKET, 303)
    return web.page(request, "handover/take.html", status, shown=shown, code=code)


async def _take(web: Web, request: Request, seed: str, form: TakeForm) -> Response:
    caller, fresh = await actions.caller_or_guest(web, request, checked_request(form.request))
    await actions.current(web, caller)
    taken = await web.handover.take(caller, seed)
    done = "took_changed" if taken.changed else "took"
    response = RedirectResponse(TO.get(form.to, TO["basket"]).format(done=done), 303)
    actions.let_in(web, request, response, caller, fresh)
    return response


def show(visit: Visit) -> Shown | Response:
    """The code of this phone's own basket, or where it went."""
    if visit.member is None:
        return RedirectResponse(BASKET, 303)
    web, own = visit.web, parked.last_of_member(visit.web.reads, visit.member)
    if own is None or (own.taken_ms is None and own.until_ms <= web.reads.now):
        return RedirectResponse(BASKET, 303)
    found = basket_queries.now(web.reads, own.basket)
    code = web.handover.code(own.seed)
    values: dict[str, Any] = {
        "mine": own,
        "place": views.place(web, own, visit.language),
        "pieces": found.pieces if found else 0,
        "digits": web.handover.digits(own.seed),
        "qr": qr_codes.svg(f"{web.address(visit.request)}/b/{code}", inline=True).decode(),
    }
    return "handover/give.html", values


async def _park(visit: Visit, _: PageForm) -> Response:
    caller = require_caller(visit.caller)
    await actions.current(visit.web, caller)
    await visit.web.handover.offer(caller)
    return visit.back()


PAGE: Final = Page[Any, PageForm](
    "handover",
    path="/handover",
    show=show,
    form=PageForm,
    actions={"park": Action(_park, bound="shopping")},
    routes=router,
)
