"""What stands before every route: foreign hosts and other websites are refused, answers get security headers, requests
are counted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from edge.web.problems import Problem
from edge.web.server.connections import REFUSED
from edge.web.server.forwarding import Forwarding
from edge.web.server.hosts import Authority

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from edge.web.web import Web

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SLASH: Final = 307
"""Starlette's redirect from `/wallet/` to `/wallet`, the only one of this status; it names the host that was called."""
HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    # Not no-referrer: it would turn a form's Origin into null, which the check below refuses.
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)

UNLESS_SAID: Final = (
    ("Cache-Control", "no-store"),
    # A page says more; this is for whatever else a browser is led to.
    ("Content-Security-Policy", "base-uri 'none'; frame-ancestors 'self'"),
)
"""What an answer gets that says nothing of it by itself."""
_CACHE, _CONTENT = (name.lower().encode() for name, _ in UNLESS_SAID)

BEGUN: Final = "storekeeper.begun"
"""In the scope of a request whose answer has begun."""

CAMERA_PAGE: Final = "/scan"
CAMERA_PAGES: Final = frozenset({CAMERA_PAGE, "/setup"})
"""The pages that may ask for the camera."""

_Headers = list[tuple[bytes, bytes]]
_RAW: Final = [(name.lower().encode(), value.encode()) for name, value in HEADERS]
_CAMERA: Final = [(name, value.replace(b"camera=()", b"camera=(self)")) for name, value in _RAW]


def _seals(always: _Headers) -> dict[tuple[bool, bool], _Headers]:
    """What an answer gets, by whether it says each of `UNLESS_SAID` by itself: put together once, not for each."""
    cache, content = ((name.lower().encode(), value.encode()) for name, value in UNLESS_SAID)
    return {
        (True, True): always,
        (True, False): [*always, content],
        (False, True): [*always, cache],
        (False, False): [*always, cache, content],
    }


_SEALS: Final = _seals(_RAW)
_CAMERA_SEALS: Final = _seals(_CAMERA)


class Guard:
    """Plain ASGI, because it stands in the way of every unlock."""

    def __init__(self, app: ASGIApp, web: Web, answer: Callable[[Request, Problem], Response]) -> None:
        self._app = app
        self._answer_with = answer
        self._web = web
        self._metrics = web.metrics
        self._forwarding = Forwarding(web.settings.gateway, web.certificate.covers)
        self._certificate = web.certificate

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """What it hands on is awaited, not itself: each layer that waits is gone through at each step of an answer."""
        if scope["type"] != "http":
            return self._app(scope, receive, send)

        seals = _CAMERA_SEALS if scope["path"] in CAMERA_PAGES else _SEALS

        def sealed(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                headers = message["headers"] if message["status"] != SLASH else _without_host(message["headers"])
                said = dict(headers)
                message["headers"] = [*headers, *seals[_CACHE in said, _CONTENT in said]]
                self._metrics.count(scope, message["status"])
                scope[BEGUN] = True
            return send(message)

        return (self._answer(scope) or self._app)(scope, receive, sealed)

    def _answer(self, scope: Scope) -> Response | None:
        """What is answered here, so that no route hears of it."""
        if not self._forwarding.settle(scope):
            # No page for a name that is not ours: a page is made of addresses.
            return Problem("wrong_host").response(self._web.texts, self._web.language(HTTPConnection(scope)))
        problem = None
        if REFUSED in scope:
            problem = Problem(scope[REFUSED], headers={"Connection": "close"})
        elif scope["method"] not in SAFE:
            problem = self._refusal(dict(scope["headers"]))
        elif self._certificate.port and scope["scheme"] == "http" and (there := self._secured(scope)):
            return RedirectResponse(there, 302)
        return self._answer_with(Request(scope), problem) if problem is not None else None

    def _secured(self, scope: Scope) -> str | None:
        """Where a page by http is to be had by https: whoever named a host of the certificate has found it, so the
        browser finds it again. Who names a bare address is left there: their phone may know no names without internet.
        """
        headers = dict(scope["headers"])
        if b"text/html" not in headers.get(b"accept", b""):
            return None
        named = Authority.parse(headers.get(b"host", b"").decode("latin-1"))
        address = self._certificate.address(named.host) if named else None
        if address is None:
            return None
        query = scope["query_string"].decode("latin-1")
        return f"{address}{scope['raw_path'].decode('latin-1')}{'?' if query else ''}{query}"

    def _refusal(self, headers: dict[bytes, bytes]) -> Problem | None:
        if headers.get(b"sec-fetch-site", b"same-origin") not in (b"same-origin", b"none"):
            return Problem("cross_origin")
        origin = headers.get(b"origin")
        host = headers.get(b"host", b"")
        if origin is not None and not self._forwarding.hosts.is_own_origin(
            origin.decode("latin-1"), host.decode("latin-1")
        ):
            return Problem("cross_origin")
        return None


def _without_host(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """A redirect stays on the host that the browser is at, whatever that was called."""
    return [(name, _PATH.sub(b"/", value) if name == b"location" else value) for name, value in headers]


_PATH: Final = re.compile(rb"^https?://[^/]*/+")
