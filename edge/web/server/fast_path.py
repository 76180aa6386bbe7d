"""A path past the framework: its layers, and its look for the route among some hundred patterns, cost more than most
routes do themselves.

Measured by `tests.bench.bench_unlock --profile`. What goes this way stays registered, so that the document, other
methods and the metrics know it; whatever is not found here goes through the framework.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from edge.web.server.direct_route import DirectRoute
from edge.web.server.guard import BEGUN
from edge.web.server.turns import FairQueue, is_prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send


def gone() -> Response:
    """For a request whose sender left before it was whole: nobody reads it."""
    return Response(status_code=400)


class EncodedJson(Response):
    """JSON that is written already. Starlette's own looks through all headers for those that it might have to add."""

    def __init__(self, body: bytes, status: int, *headers: tuple[bytes, bytes]) -> None:
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]


class FastRoute(Route):
    """A route that reads its body by itself. `document` is its part of the OpenAPI document, which FastAPI cannot see:
    the path item, and the schemas.
    """

    document: tuple[dict[str, Any], dict[str, Any]]

    @classmethod
    def post(cls, path: str, endpoint: Any, document: tuple[dict[str, Any], dict[str, Any]]) -> FastRoute:
        """A route of this kind."""
        route = cls(path, endpoint, methods=["POST"])
        route.document = document

        async def called(scope: Scope, receive: Receive, send: Send) -> None:
            response = await endpoint(Request(scope, receive))
            await response(scope, receive, send)

        route.app = called
        return route


class FastPathApp(FastAPI):
    """FastAPI, whose own layers some routes do without."""

    _fast: dict[tuple[str, str], Route]
    """By method and path."""
    _patterns: dict[str, list[Route]]
    """Those whose path has parts that differ, in their order, by its first three parts."""
    _behind_guard: ASGIApp
    """The route of a scope, behind the guard alone."""
    turns: FairQueue
    """Of all that is not prompt."""

    def add_fast_paths(self, routes: Iterable[Route], guard: Callable[[ASGIApp], ASGIApp]) -> None:
        """Call those of these routes that need no framework behind `guard` alone."""
        self.turns = FairQueue()
        self._fast, self._patterns = {}, {}
        for route in routes:
            if route.param_convertors:
                self._patterns.setdefault(_room(route.path), []).append(route)
                continue
            for method in (route.methods or set()) - {"HEAD"}:
                self._fast.setdefault((method, route.path), route)
        self._behind_guard = guard(self._called)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        route = self._fast.get((scope["method"], scope["path"])) or self._matching(scope)
        if route is None or not _needs_no_framework(route):
            await self.turns.take(super().__call__, scope, receive, send)
            return
        scope["app"], scope["route"] = self, route
        if is_prompt(route.endpoint):
            with self.turns.prompt:
                await self._guarded(scope, receive, send)
        else:
            await self.turns.take(self._guarded, scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls it, and answers what nobody expected, as Starlette does with a layer more for each answer."""
        try:
            await self._behind_guard(scope, receive, send)
        except Exception as error:
            unexpected: Any = self.exception_handlers[Exception]
            response = await unexpected(Request(scope), error)
            if BEGUN not in scope:
                await response(scope, receive, send)
            raise

    def _matching(self, scope: Scope) -> Route | None:
        for route in self._patterns.get(_room(scope["path"]), ()):
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope["path_params"] = found["path_params"]
                return route
        return None

    async def _called(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls the route, and answers the errors that the framework would have answered."""
        try:
            await scope["route"].app(scope, receive, send)
        except Exception as error:
            known = (self.exception_handlers.get(kind) for kind in type(error).__mro__ if kind is not Exception)
            handler: Any = next(filter(None, known), None)
            if handler is None:
                raise
            response = await handler(Request(scope, receive), error)
            await response(scope, receive, send)


def _room(path: str) -> str:
    """`/api/v1/basket` of `/api/v1/basket/lines/7`."""
    return "/".join(path.split("/", 4)[:4])


def _needs_no_framework(route: Route) -> bool:
    return route.is_direct if isinstance(route, DirectRoute) else not isinstance(route, APIRoute)
