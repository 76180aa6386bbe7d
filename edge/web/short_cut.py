"""A way past the framework for one route: its layers cost more than all that the route itself does on the loop.

Measured by `tests.bench.bench_unlock --profile`. The route stays registered, so that the document, other methods
and the metrics know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from edge.errors import StorekeeperError
from edge.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.routing import Route
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


class Storefront(FastAPI):
    """FastAPI, whose own layers one route does without."""

    _short: ASGIApp | None = None
    _way: tuple[str, str] | None = None
    """Method and path that go the short way."""

    def shorten(
        self,
        method: str,
        route: Route,
        guard: Callable[[ASGIApp], ASGIApp],
        answer: Callable[[Request, Exception], Response],
    ) -> None:
        """Call this route's endpoint behind `guard` alone. `answer` is the response to an error of ours."""

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

        unexpected: Any = self.exception_handlers[Exception]
        self._short = ServerErrorMiddleware(guard(direct), handler=unexpected)
        self._way = (method, route.path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._short and scope["type"] == "http" and (scope["method"], scope["path"]) == self._way:
            await self._short(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
