"""`/scan`: the phone's own camera reads any code; without a camera, digits do. What it is, and the one next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse

from edge.domain.codes.code_reader import LONGEST
from edge.domain.codes.readings import Scan
from edge.errors import Refusal
from edge.gateway import typed_text
from edge.web import limits
from edge.web.api import codes
from edge.web.audience import ANYBODY, audience
from edge.web.page import Page
from edge.web.problems import Problem
from edge.web.server.guard import CAMERA_PAGE

if TYPE_CHECKING:
    from edge.web.web import Web


def router(web: Web) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(CAMERA_PAGE)
    @audience(ANYBODY)
    async def scan(request: Request) -> HTMLResponse:
        """The viewfinder where the browser lends a camera, and the form for everybody."""
        return _page(web, request)

    @routes.post(CAMERA_PAGE)
    @audience(ANYBODY)
    async def typed(request: Request, text: Annotated[str, Form(max_length=LONGEST)] = "") -> HTMLResponse:
        """What somebody typed, answered as a scan is. Posted, so that a code stays out of addresses and histories."""
        wanted = typed_text.without_separators(text)
        if not wanted:
            return _page(web, request, 422, problem=web.texts.say(web.language(request), "scan.type_empty"))
        try:
            limits.take(web, request, "asking")
        except Refusal as refusal:
            problem = Problem.of(refusal)
            page = _page(web, request, problem.status, problem=problem.sentence(web.texts, web.language(request)))
            page.headers.update(problem.headers or {})
            return page
        # As it was typed first: a share text has words around its code. Else in one piece: digits come in groups.
        found = codes.readings(web, request, Scan(typed_text.normal_width(text))).readings
        if found[0].kind == "unknown" and not found[0].refused:
            found = codes.readings(web, request, Scan(wanted)).readings
        return _page(web, request, readings=found, typed=text)

    return routes


def _page(web: Web, request: Request, status: int = 200, **values: Any) -> HTMLResponse:
    words = web.texts.section(web.language(request), "scan")
    return web.page(request, "scan/scan.html", status, **{"words": words, "readings": [], "typed": "", **values})


PAGE: Final = Page[Any, Any]("scan", routes=router, assets=("scan.js", "scan-worker.js"))
