"""A path past the framework for hot routes: its layers cost more than all that such a route itself does on the loop.

Measured by `tests.bench.bench_unlock --profile`. They stay registered, so that the document, other methods
and the metrics know them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from edge.errors import StorekeeperError
from edge.web.problems import Problem
from edge.web.server.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send


async def whole_body(receive: Receive) -> bytes:
    """A request's body, which the guard has bounded; 8 µs less than Starlette's way. Raises `ClientDisconnect`."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def gone() -> Response:
    """For a request whose sender left before it was whole: nobody reads it."""
    return Response(status_code=400)


class FastRoute(Route):
    """A route that is called behind the guard alone. `document` is its part of the OpenAPI document, which FastAPI
    cannot see: the path item, and the schemas.
    """

    document: tuple[dict[str, Any], dict[str, Any]]

    @classmethod
    def post(cls, path: str, endpoint: Any, document: tuple[dict[str, Any], dict[str, Any]]) -> FastRoute:
        """A route of this kind."""
        route = cls(path, endpoint, methods=["POST"])
        route.document = document
        return route


class FastPathApp(FastAPI):
    """FastAPI, whose own layers some routes do without."""

    _fast: dict[tuple[str, str], ASGIApp]
    """By method and path."""
    _turns: Turns
    """Of all that is no hot route."""

    def add_fast_paths(
        self,
        routes: Iterable[FastRoute],
        guard: Callable[[ASGIApp], ASGIApp],
        answer: Callable[[Request, Exception], Response],
    ) -> None:
        """Call these routes' endpoints behind `guard` alone. `answer` is the response to an error of ours."""
        self._turns = Turns()
        unexpected: Any = self.exception_handlers[Exception]
        self._fast = {
            ("POST", route.path): ServerErrorMiddleware(guard(_direct(route, answer)), handler=unexpected)
            for route in routes
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fast = self._fast.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if fast is not None:
            await fast(scope, receive, send)
        elif scope["type"] == "http":
            await self._turns.take(super().__call__, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _direct(route: FastRoute, answer: Callable[[Request, Exception], Response]) -> ASGIApp:
    async def direct(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = route
        request = Request(scope, receive)
        try:
            response = await route.endpoint(request)
        except ClientDisconnect:
            response = gone()
        except (StorekeeperError, Problem) as error:
            response = answer(request, error)
        await response(scope, receive, send)

    return direct
