"""There and back by WeChat's page: a phone is sent there with a state that it has to bring back with its code."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse, Response

from edge.errors import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from edge.web.web import Web

STATE: Final = "sk_state"
"""What WeChat's page has to bring back: another site cannot send a phone here with a code of its own."""
STATE_SECONDS: Final = 600


def leave(web: Web, request: Request, path: str) -> Response:
    """To WeChat's page, which sends the phone back to `<path>/back`."""
    state = secrets.token_urlsafe(18)
    response = RedirectResponse(web.identities.wechat_page(f"{web.address(request)}{path}/back", state), 303)
    secure = request.url.scheme == "https"
    response.set_cookie(STATE, state, STATE_SECONDS, path=path, httponly=True, samesite="lax", secure=secure)
    return response


def check(request: Request, code: str, state: str) -> None:
    """What the phone brings back was asked for from here. Raises `Refusal`: alias_refused."""
    sent = request.cookies.get(STATE, "")
    if not code or not sent or not hmac.compare_digest(sent.encode(), state.encode()):
        raise Refusal("alias_refused")


def forget(response: Response, path: str) -> None:
    """The state is used up."""
    response.delete_cookie(STATE, path=path)
