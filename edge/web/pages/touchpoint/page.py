"""`/t/{code}`: what a shopper's phone shows after a scan. Works by plain forms; a little script makes it quicker.

The touchpoint's purpose says which page it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from edge.domain.touchpoints import code_text
from edge.errors import JournalError, Refusal
from edge.web import limits, registry
from edge.web.actions import shopping
from edge.web.api import seen
from edge.web.audience import SHOPPER, audience
from edge.web.cookies import new_browser
from edge.web.moments import now_ms
from edge.web.page import Page
from edge.web.pages.message.page import refused
from edge.web.pages.touchpoint.visit import TouchpointForm, TouchpointVisit
from edge.web.problems import Problem
from edge.web.visit import read_form

if TYPE_CHECKING:
    from edge.web.web import Web


@audience(SHOPPER)
async def as_it_arrived(code: str, request: Request, rest: str = "") -> Response:  # noqa: ARG001 - of the path
    """From an address in capitals, or with something behind the code, to the page."""
    meant = next(code_text.candidates(code), None)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/t/{meant.text if meant else quote(code, safe='')}{query}", 308)


def router(web: Web) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(include_in_schema=False)
    pages = registry.pages(web.nouns)

    @routes.get("/t/{code}")
    @audience(SHOPPER)
    async def arrive(code: str, request: Request, ticket: str | None = None) -> Response:
        """The page of a code; a code that is no good gets a friendly page that says what to do."""
        visitor = web.browser(request) or new_browser()
        try:
            limits.take(web, request, "visiting")
            visit = TouchpointVisit(web, pages, request, code, ticket, visitor)
        except Refusal as refusal:
            return refused(web, request, refusal)
        seen.fetched(web, request, visit.touchpoint)
        web.here.note(visitor, visit.touchpoint.id)
        visit.seen = web.codes.view(visit.touchpoint.id, visitor, now_ms())
        response = visit.render()
        web.cookies.greet(request, response, visitor)
        return response

    routes.add_api_route("/t/{code}/{rest:path}", as_it_arrived)
    routes.add_api_route("/T/{code:path}", as_it_arrived)

    @routes.post("/t/{code}")
    @audience(SHOPPER)
    async def act(code: str, request: Request) -> Response:
        """A form of the page; then back to the page, so that a reload repeats nothing."""
        shared = await read_form(request, TouchpointForm)
        try:
            limits.take(web, request, "visiting")
            visit = TouchpointVisit(web, pages, request, code, shared.ticket)
        except Refusal as refusal:
            return refused(web, request, refusal)
        form = await read_form(request, visit.page.form or TouchpointForm)
        if form.keep:
            visit.form = form
            return visit.render()
        return await carry_out(visit, form)

    return routes


async def carry_out(visit: TouchpointVisit, form: TouchpointForm) -> Response:
    """What the form asks for; first, where it comes from the page of a new text, the consent."""
    if form.agreed:
        visit.form = form
        try:
            await shopping.agree(visit.web, visit.caller, form.agreed, visit.language, form.request)
        except (Refusal, JournalError) as error:
            return visit.again(Problem.of(error))
    return await visit.carry_out(form)


PAGE: Final = Page[TouchpointVisit, TouchpointForm]("touchpoint", routes=router)
