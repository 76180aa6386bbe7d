"""Who a route is for. Every route says so; one that says nothing is refused at start: nothing opens by oversight.

    @routes.get("/api/v1/journal")
    @audience(INSIDE)
    async def read() -> …

Whoever it is for is checked here, before the route's own code runs. `docs/security.md` lists what is open to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fastapi import APIRouter
from starlette.requests import HTTPConnection
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send


class Audience(StrEnum):
    """Whom a route lets in."""

    ANYBODY = "anybody"
    """No login: pages and answers that are the same for all, and logins themselves."""
    SHOPPER = "shopper"
    """Open to phones; what it answers is the caller's own, and the route looks who calls."""
    TILL = "till"
    """A till with its token."""
    SCREEN = "screen"
    """A screen of the store with its own code, for whoever stands before it."""
    FLOOR = "floor"
    """Staff at work, by PIN."""
    INSIDE = "inside"
    """The store's inner life: any login. In a demo also whoever sits at this machine."""
    SCRAPER = "scraper"
    """As `INSIDE`, and programs with a token for metrics."""
    ENTRANCE = "entrance"
    """The operators' login: on the inside listener, over loopback or https."""
    OPERATOR = "operator"
    """Operators alone, and the box's own command line by its token. In a demo also whoever sits at this machine."""


ANYBODY: Final = Audience.ANYBODY
SHOPPER: Final = Audience.SHOPPER
TILL: Final = Audience.TILL
SCREEN: Final = Audience.SCREEN
FLOOR: Final = Audience.FLOOR
INSIDE: Final = Audience.INSIDE
SCRAPER: Final = Audience.SCRAPER
ENTRANCE: Final = Audience.ENTRANCE
OPERATOR: Final = Audience.OPERATOR

OPEN: Final = frozenset({ANYBODY, SHOPPER})
"""What a stranger's request reaches. Each of these routes stands in `docs/security.md`."""
WITHIN: Final = frozenset({INSIDE, SCRAPER, ENTRANCE, OPERATOR})
"""What an inside listener has and the outside one has not."""

_MARK: Final = "__audience__"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Admit = Callable[[HTTPConnection, Audience], None]
"""Raises a `Refusal` where the caller is not of the audience."""


class Undeclared(RuntimeError):
    """A route says nothing of who may come."""


def audience(who: Audience) -> Callable[[Endpoint], Endpoint]:
    """Declares whom a route's function is for."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _MARK, who)
        return endpoint

    return mark


def audience_of(route: BaseRoute) -> Audience:
    """Whom a route is for. Raises `Undeclared` where it says nothing, and for mounts, which hide their routes."""
    found = getattr(getattr(route, "endpoint", None), _MARK, None)
    if not isinstance(route, Route) or not isinstance(found, Audience):
        where = f"{' '.join(sorted(getattr(route, 'methods', None) or ()))} {getattr(route, 'path', route)!s}"
        raise Undeclared(
            f"{where.strip()}: say whom it is for, by @audience(…) of edge.web.audience above its function"
        )
    return found


def gather(parts: Iterable[APIRouter | Route], admit: Admit) -> list[Route]:
    """All routes one by one, each behind its own check. Raises `Undeclared`."""
    routes: list[Route] = []
    for part in parts:
        for route in part.routes if isinstance(part, APIRouter) else [part]:
            who = audience_of(route)
            assert isinstance(route, Route)  # noqa: S101 - `audience_of` has refused all others
            if who not in OPEN:
                route.app = _Gate(route.app, who, admit)
            routes.append(route)
    return routes


class _Gate:
    """Stands before one route."""

    def __init__(self, app: ASGIApp, who: Audience, admit: Admit) -> None:
        self._app = app
        self._who = who
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._admit(HTTPConnection(scope), self._who)
        await self._app(scope, receive, send)
