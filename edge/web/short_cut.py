"""A way past the framework for one route: its layers cost more than everything that the route itself does on the loop.

Measured by `tests.bench.bench_unlock --profile`; see DECISIONS. The route stays registered, so that documents, other
methods and metrics know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from edge.errors import StorekeeperError
from edge.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.routing import Route
    from starlette.types import ASGIApp, Receive, Scope, Send


class ShortCut:
    """Calls the route's endpoint itself; whatever is asked for elsewhere goes on to the framework."""

    def __init__(
        self, app: ASGIApp, route: Route, method: str, answer: Callable[[Request, Exception], Response]
    ) -> None:
        """`answer` is the response to an error of ours."""
        self._app = app
        self._route = route
        self._method = method
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self._route.path or scope["method"] != self._method:
            await self._app(scope, receive, send)
            return
        scope["route"] = self._route
        request = Request(scope, receive)
        try:
            response = await self._route.endpoint(request)
        except (StorekeeperError, Problem) as error:
            response = self._answer(request, error)
        await response(scope, receive, send)
