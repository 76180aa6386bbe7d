"""Where a browser stands: the code that it scanned last, in a cookie of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.errors import Refusal
from edge.web.moments import now_ms

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.responses import Response

    from edge.domain.touchpoints.codes import Touchpoint
    from edge.web.web import Web

PLACE: Final = "sk_at"
PLACE_SECONDS: Final = 2 * 3600
MAX_CODE: Final = 512


def remember_touchpoint(request: Request, response: Response, code: str) -> None:
    """From now on this browser is at that code."""
    secure = request.url.scheme == "https"
    response.set_cookie(PLACE, code, max_age=PLACE_SECONDS, path="/", httponly=True, samesite="lax", secure=secure)


def last_touchpoint(web: Web, request: Request) -> Touchpoint | None:
    """Where its shopper probably stands; none where nobody knows."""
    return touchpoint_of_code(web, request.cookies.get(PLACE, ""))


def last_touchpoint_id(web: Web, request: Request) -> str:
    """The name of the touchpoint where its shopper probably stands; empty where nobody knows."""
    found = last_touchpoint(web, request)
    return found.id if found else ""


def touchpoint_of_code(web: Web, code: str) -> Touchpoint | None:
    """The touchpoint of a code; what a screen showed says for as long as the cookie lasts where its shopper stood."""
    if not code or len(code) > MAX_CODE:
        return None
    try:
        return web.codes.parse(code, now_ms(), old_ms=PLACE_SECONDS * 1000)
    except Refusal:
        return None
