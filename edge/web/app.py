"""The web front: one application over one gateway."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match, Route

from edge.errors import StorekeeperError
from edge.web import document
from edge.web.api import (
    carts,
    catalogue,
    codes,
    coupons,
    demo,
    devices,
    grants,
    journal,
    lockers,
    member_desk,
    members,
    operations,
    slips,
)
from edge.web.api import linking as linking_api
from edge.web.api import me as me_api
from edge.web.api import products as products_api
from edge.web.api import sessions as sessions_api
from edge.web.api import store as store_api
from edge.web.assets import Assets
from edge.web.audience import WITHIN, audience_of, gather
from edge.web.front import Front
from edge.web.guard import HEADERS, Guard
from edge.web.head import Head
from edge.web.language import Texts, chosen
from edge.web.metrics import Metrics
from edge.web.pages import help as help_page
from edge.web.pages import legal, link, me, member_code, privacy, products, scan, seen, shopper
from edge.web.pages import store as store_page
from edge.web.problems import Problem
from edge.web.session import Sessions
from edge.web.short_cut import Storefront, gone
from edge.web.staff import camera
from edge.web.staff import operator as operator_page
from edge.web.staff import page as staff_page
from edge.web.staff.door import Door

if TYPE_CHECKING:
    from edge.gateway.gateway import Gateway

log = structlog.get_logger("web")

_AROUND = re.compile(r"\s*([{};,])\s*")
"""What a style sheet does not need."""
_REMARK = re.compile(r"^\s*//.*\n", re.MULTILINE)
"""What a script does not need."""


def create_app(gateway: Gateway) -> FastAPI:
    """Pages for shoppers and store IT, the API, operations. Whoever made the gateway starts and stops it."""
    return create_apps(gateway, apart=False)[0]


def create_apps(gateway: Gateway, *, apart: bool) -> list[FastAPI]:
    """One application with everything; or, `apart`, one that has not got the inside, and one that has everything."""
    front = Front(gateway, Texts.load(), _cookies(gateway), _templates(), Assets.load())
    metrics = Metrics(gateway)
    door = Door(gateway)
    unlock = carts.route(front, metrics)
    routes = gather(_parts(front, door, metrics, unlock), door.admit)
    outside = [route for route in routes if audience_of(route) not in WITHIN]
    return [
        _application(front, metrics, each, unlock, within=within)
        for each, within in ([(outside, False), (routes, True)] if apart else [(routes, True)])
    ]


def _parts(front: Front, door: Door, metrics: Metrics, unlock: Route) -> list[APIRouter | Route]:
    """Everything that is served."""
    nouns = (
        members, coupons, grants, lockers, codes, journal, devices, slips, products_api, sessions_api,
        linking_api, me_api,
    )  # fmt: skip
    pages = (shopper, seen, member_code, scan, link, legal, help_page, me, privacy, products)
    return [
        unlock,
        *(noun.router(front) for noun in nouns),
        store_api.router(front, door),
        catalogue.router(front, door),
        member_desk.router(front, door),
        operations.router(front, door, metrics),
        *([demo.router(front)] if front.gateway.settings.gateway.demo else []),
        *(page.router(front) for page in pages),
        store_page.router(front, door),
        staff_page.router(front, door),
        operator_page.router(front, door),
        camera.router(front, door),
        Route("/static/{name}", front.assets.serve),
    ]


def _application(front: Front, metrics: Metrics, routes: list[Route], unlock: Route, *, within: bool) -> FastAPI:
    """These routes behind the guard. `within` says whether the inside is among them."""
    # FastAPI's own documentation pages load from a CDN; a store without internet has none.
    app = Storefront(title="Storekeeper", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.within = within
    app.router.routes.extend(routes)
    app.add_middleware(Guard, front=front, metrics=metrics)
    app.add_middleware(Head)
    _answer_errors(app, front)
    # The one route whose time a shopper feels.
    app.shorten(
        "POST",
        unlock,
        guard=lambda inner: Guard(inner, front, metrics),
        answer=lambda asked, error: _answer(front, asked, Problem.of(error)),
    )
    document.complete(app, carts.PATH, carts.openapi())
    return app


def _cookies(gateway: Gateway) -> Sessions:
    return Sessions(gateway.vault.derive("web sessions"), gateway.sessions)


class _Lean(PackageLoader):
    """Templates, with style sheets as phones get them: they are half of a page of 20 KB."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool] | None]:
        """See `jinja2.BaseLoader`."""
        source, name, fresh = super().get_source(environment, template)
        if template.endswith(".css"):
            source = _AROUND.sub(r"\1", source).strip()
        elif template.endswith(".js"):
            source = _REMARK.sub("", source).strip()
        return source, name, fresh


def _templates() -> Environment:
    return Environment(
        loader=_Lean("edge.web"),
        autoescape=select_autoescape(["html", "svg"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _answer_errors(app: FastAPI, front: Front) -> None:
    async def ours(request: Request, error: Exception) -> Response:
        return _answer(front, request, Problem.of(error))

    async def invalid(request: Request, error: Exception) -> Response:
        return _answer(front, request, Problem("bad_request", errors=_mistakes(error)))

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        code = {404: "not_found", 405: "method_not_allowed"}.get(status, "bad_request")
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else None
        if status == 405:
            headers = {"Allow": ", ".join(sorted(_methods(request)))}
        return _answer(front, request, Problem(code, headers=headers))

    async def unexpected(request: Request, error: Exception) -> Response:
        reference = uuid.uuid4().hex[:8]
        # The route and not the address: that may be a code that opens something.
        route = getattr(request.scope.get("route"), "path", "")
        log.error("unexpected error", id=reference, route=route, exc_info=error)
        response = _answer(front, request, Problem("internal", id=reference), reference)
        # This answer is made outside the guard.
        response.headers.update(dict(HEADERS))
        return response

    async def left(_request: Request, _error: Exception) -> Response:
        return gone()

    app.add_exception_handler(ClientDisconnect, left)
    app.add_exception_handler(StorekeeperError, ours)
    app.add_exception_handler(Problem, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)


def _answer(front: Front, request: Request, problem: Problem, reference: str | None = None) -> Response:
    """A page for a person's browser, a problem document for everybody else."""
    person = not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")
    if not person:
        return problem.response(front.texts, chosen(request))
    page = shopper.refused(front, request, problem, reference)
    page.headers.update(problem.headers or {})
    return page


def _methods(request: Request) -> set[str]:
    """Every method that something at this address answers; a router names those of the first route alone."""
    routes = [route for route in request.app.router.routes if isinstance(route, Route)]
    return {
        method
        for route in routes
        if route.matches(dict(request.scope))[0] is not Match.NONE
        for method in route.methods or ()
    }


def _mistakes(error: Exception) -> list[dict[str, Any]]:
    """What was wrong with a body, field by field; without the values, which may be personal."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return [{"field": ".".join(str(part) for part in each["loc"]), "message": each["msg"]} for each in found]
