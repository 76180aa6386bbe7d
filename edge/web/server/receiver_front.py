"""What stands before the chain's receiver: the bounds of a store's pages, with room for a batch of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import Response

from edge.web.server.connections import REFUSED, Connections, TimeoutProtocol, allow_many_files

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

BATCH_S: Final = 60.0
"""How long a batch may be on its way; an uplink gives up as soon."""
_TOO_LARGE: Final = {"too_large": 413, "head_too_large": 431}


def receiver_protocol(max_body: int) -> type[TimeoutProtocol]:
    """The protocol of a listener that takes bodies of so many bytes; this process may then hold many connections."""
    allow_many_files()
    return type("Listener", (TimeoutProtocol,), {"peers": Connections(), "max_body": max_body, "body_s": BATCH_S})


def refusing(app: ASGIApp) -> ASGIApp:
    """The application, which never hears of what the protocol refused."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        code = scope.get(REFUSED)
        await (app if code is None else _refusal(code))(scope, receive, send)

    return front


def _refusal(code: str) -> Response:
    status = _TOO_LARGE[code]
    document = {"code": code, "title": "Too large, or of no stated length", "status": status}
    headers = {"Connection": "close"}
    return Response(msgspec.json.encode(document), status, headers, "application/problem+json")
