"""There and back by WeChat's page: a phone is sent there with a state that it has to bring back with its code."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from edge.errors import Refusal
from edge.web import limits
from edge.web.audience import SHOPPER, audience

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import APIRouter

    from edge.web.web import Web

STATE: Final = "sk_state"
"""What WeChat's page has to bring back: another site cannot send a phone here with a code of its own."""
STATE_SECONDS: Final = 600


def add_routes(
    routes: APIRouter,
    web: Web,
    path: str,
    *,
    opens: Callable[[Request], bool],
    otherwise: str,
    arrived: Callable[[Request, str, str], Awaitable[Response]],
    refused: Callable[[Request, Refusal], Response] | None = None,
) -> None:
    """`path` leads to WeChat's page where it `opens`, and elsewhere `otherwise`; `<path>/back` is where the phone comes
    back to, with WeChat's code and the state that it left with. Without `refused` a refusal is raised.
    """

    @routes.get(path)
    @audience(SHOPPER)
    async def begin(request: Request) -> Response:
        """To WeChat's page, which sends the phone back with a code."""
        if not opens(request):
            return RedirectResponse(otherwise, 303)
        limits.take(web, request, "changing", member=limits.member(web, request))
        return _leave(web, request, path)

    @routes.get(f"{path}/back")
    @audience(SHOPPER)
    async def back(
        request: Request,
        code: Annotated[str, Query(max_length=128)] = "",
        state: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        """The phone is back. Its state is used up, whatever comes of it."""
        try:
            limits.take(web, request, "guessing", member=limits.member(web, request))
            _check(request, code, state)
            response = await arrived(request, code, state)
        except Refusal as refusal:
            if refused is None:
                raise
            response = refused(request, refusal)
        response.delete_cookie(STATE, path=path)
        return response


def _leave(web: Web, request: Request, path: str) -> Response:
    state = secrets.token_urlsafe(18)
    response = RedirectResponse(web.identities.wechat_page(f"{web.address(request)}{path}/back", state), 303)
    secure = request.url.scheme == "https"
    response.set_cookie(STATE, state, STATE_SECONDS, path=path, httponly=True, samesite="lax", secure=secure)
    return response


def _check(request: Request, code: str, state: str) -> None:
    """What the phone brings back was asked for from here. Raises `Refusal`: alias_refused."""
    sent = request.cookies.get(STATE, "")
    if not code or not sent or not hmac.compare_digest(sent.encode(), state.encode()):
        raise Refusal("alias_refused")
