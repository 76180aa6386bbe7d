"""The web front: one application over one store, or one for shoppers beside one with everything."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match, Route

from edge.errors import StorekeeperError
from edge.web import document, navigation_bar, registry
from edge.web.assets import Assets
from edge.web.audience import WITHIN, audience_of, gather
from edge.web.logins import login_for
from edge.web.pages.message.page import refused
from edge.web.problems import Problem, mistakes
from edge.web.rendering import environment
from edge.web.server.fast_path import FastPathApp, FastRoute, gone
from edge.web.server.guard import HEADERS, UNLESS_SAID, Guard
from edge.web.server.head_requests import HeadRequests
from edge.web.views import ongoing
from edge.web.visit import routes_of
from edge.web.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import APIRouter

    from edge.gateway.parts import Parts
    from edge.web.registry import Pages

log = structlog.get_logger("web")


def create_apps(parts: Parts, *, apart: bool) -> list[FastAPI]:
    """One application with everything; or, `apart`, one that has not got the inside, and one that has everything.

    Whoever made the gateway starts and stops it.
    """
    pages = registry.pages(parts.nouns)
    assets = Assets.load(pages)
    web = Web(parts, environment(pages))
    # What every template may ask for by itself.
    web.templates.globals |= {
        "assets": assets,
        "bar_of": partial(navigation_bar.tabs, web),
        "own_of": partial(ongoing.ongoing_of, web),
    }
    web.rehearsals.resume()
    routes = gather(_parts(web, pages, assets), web.access.admit)
    outside = [route for route in routes if audience_of(route) not in WITHIN]
    return [
        _application(web, each, within=within)
        for each, within in ([(outside, False), (routes, True)] if apart else [(routes, True)])
    ]


def _parts(web: Web, pages: Pages, assets: Assets) -> Iterator[APIRouter | Route]:
    """Everything that is served."""
    for router in registry.routers(web.nouns):
        yield router(web)
    for page in pages:
        yield from routes_of(web, page)
    yield Route("/static/{name}", assets.serve)


def _application(web: Web, routes: list[Route], *, within: bool) -> FastAPI:
    """These routes behind the guard. `within` says whether the inside is among them."""
    # FastAPI's own documentation pages load from a CDN; a store without internet has none.
    app = FastPathApp(title="Storekeeper", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.within = within
    app.router.routes.extend(routes)
    answer = partial(_answer, web)
    app.add_middleware(Guard, web=web, answer=answer)
    app.add_middleware(HeadRequests)
    _answer_errors(app, web)
    fast = [route for route in routes if isinstance(route, FastRoute)]
    app.add_fast_paths(routes, lambda inner: Guard(inner, web, answer))
    document.complete(app, {route.path: route.document for route in fast})
    return app


def _answer_errors(app: FastAPI, web: Web) -> None:
    async def ours(request: Request, error: Exception) -> Response:
        problem = Problem.of(error)
        login = await login_for(web, request, problem) if _is_page(request) else None
        return login or _answer(web, request, problem)

    async def invalid(request: Request, error: Exception) -> Response:
        found = error.errors() if isinstance(error, RequestValidationError) else []
        return _answer(web, request, Problem("bad_request", errors=mistakes(found)))

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        code = {404: "not_found", 405: "method_not_allowed"}.get(status, "bad_request")
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else None
        if status == 405:
            headers = {"Allow": ", ".join(sorted(_methods(request)))}
        return _answer(web, request, Problem(code, headers=headers))

    async def unexpected(request: Request, error: Exception) -> Response:
        reference = uuid.uuid4().hex[:8]
        # The route and not the address: that may be a code that opens something.
        route = getattr(request.scope.get("route"), "path", "")
        log.error("unexpected error", id=reference, route=route, exc_info=error)
        response = _answer(web, request, Problem("internal", id=reference), reference)
        # This answer is made outside the guard.
        web.metrics.count(request.scope, response.status_code)
        response.headers.update(dict(HEADERS))
        for name, value in UNLESS_SAID:
            response.headers.setdefault(name, value)
        return response

    async def left(_request: Request, _error: Exception) -> Response:
        return gone()

    app.add_exception_handler(ClientDisconnect, left)
    app.add_exception_handler(StorekeeperError, ours)
    app.add_exception_handler(Problem, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)


def _answer(web: Web, request: Request, problem: Problem, reference: str | None = None) -> Response:
    """A page for a person's browser, a problem document for everybody else."""
    if not _is_page(request):
        return problem.response(web.texts, web.language(request))
    page = refused(web, request, problem, reference)
    page.headers.update(problem.headers or {})
    return page


def _is_page(request: Request) -> bool:
    """Whether a person's browser waits for a page."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _methods(request: Request) -> set[str]:
    """Every method that this address answers; a router names those of the first route alone.

    `/payments/by-code` is an address of its own, and none of a payment that is called so.
    """
    routes = [route for route in request.app.router.routes if isinstance(route, Route)]
    here = [route for route in routes if route.matches(dict(request.scope))[0] is not Match.NONE]
    fewest = min((len(route.param_convertors) for route in here), default=0)
    return {method for route in here if len(route.param_convertors) == fewest for method in route.methods or ()}
