"""Who asks over HTTP, for the bounds: the browser by its own name, and the address that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.errors import Refusal
from edge.gateway.bounds import Requester
from edge.web.server.forwarding import caller_address

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from edge.domain.touchpoints.codes import Touchpoint
    from edge.gateway.bounds import Act
    from edge.web.web import Web


def take(
    web: Web,
    connection: HTTPConnection,
    act: Act,
    touchpoint: Touchpoint | None = None,
    member: str | None = None,
) -> None:
    """One more of this act, by whoever asks. Raises `Refusal` with `seconds` where a bound is used up."""
    web.bounds.take(act, requester(web, connection, touchpoint, member))


def touchpoint(web: Web, connection: HTTPConnection, code: str, ticket: str | None = None) -> Touchpoint:
    """What was scanned. What is no code of ours counts as a guess; what is right is never refused for others' guesses.

    Raises `Refusal`.
    """
    try:
        return web.touchpoint(connection, code, ticket)
    except Refusal as refusal:
        if refusal.code in GUESSED:
            take(web, connection, "guessing")
        raise


GUESSED: Final = frozenset({"code_unknown", "code_tampered"})


def member(web: Web, connection: HTTPConnection) -> str | None:
    """Whom the browser acts for."""
    caller = web.caller(connection)
    return caller.member if caller else None


def requester(
    web: Web, connection: HTTPConnection, touchpoint: Touchpoint | None = None, member: str | None = None
) -> Requester:
    """Whoever asks, as the bounds count them."""
    return Requester(
        address=caller_address(connection),
        browser=web.browser(connection),
        touchpoint=touchpoint.id if touchpoint else None,
        member=member,
    )
