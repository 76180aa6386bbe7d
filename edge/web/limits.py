"""Who asks over HTTP, for the bounds: the browser by its own name, and the address that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.errors import Refusal
from edge.gateway.bounds import Who
from edge.web.arrivals import caller_address

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from edge.domain.touchpoints.touchpoints import Touchpoint
    from edge.gateway.bounds import Act
    from edge.web.front import Front


def take(
    front: Front,
    connection: HTTPConnection,
    act: Act,
    touchpoint: Touchpoint | None = None,
    member: str | None = None,
) -> None:
    """One more of this act, by whoever asks. Raises `Refusal` with `seconds` where a bound is used up."""
    front.gateway.bounds.take(act, who(front, connection, touchpoint, member))


def touchpoint(front: Front, connection: HTTPConnection, code: str, ticket: str | None = None) -> Touchpoint:
    """What was scanned. What is no code of ours counts as a guess; what is right is never refused for others' guesses.

    Raises `Refusal`.
    """
    try:
        return front.touchpoint(code, ticket, front.browser(connection))
    except Refusal as refusal:
        if refusal.code in GUESSED:
            take(front, connection, "guessing")
        raise


GUESSED: Final = frozenset({"code_unknown", "code_tampered"})


def member(front: Front, connection: HTTPConnection) -> str | None:
    """Whom the browser acts for."""
    caller = front.caller(connection)
    return caller.member if caller else None


def who(
    front: Front, connection: HTTPConnection, touchpoint: Touchpoint | None = None, member: str | None = None
) -> Who:
    """Whoever asks, as the bounds count them."""
    return Who(
        address=caller_address(connection),
        browser=front.browser(connection),
        touchpoint=touchpoint.id if touchpoint else None,
        member=member,
    )
