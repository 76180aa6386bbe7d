"""Which screen of the store asks, for whom, and in which language: what every route for screens begins with."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.devices import queries as device_queries
from edge.web.language import accepted
from edge.web.problems import Problem

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from edge.web.web import Web
    from words.languages import Language

SESSION: Final = "X-Session"


class ScreenRequest(msgspec.Struct, frozen=True):
    """A screen that asks, and the session before its glass."""

    screen: str
    zone: str
    session: str
    """A UUID of the kiosk's own making, new for each person; the nil UUID while nobody stands there."""
    language: Language
    """What is read on the glass."""


def asking_screen(web: Web, connection: HTTPConnection) -> ScreenRequest:
    """Who asks. Raises `Problem`: screen_only, also where the screen is none of the store's any more, and bad_request
    where its session is no UUID.
    """
    screen = web.access.screen(connection)
    device = device_queries.device(web.reads, screen)
    if device is None or device.kind != "screen":
        raise Problem("screen_only", headers={"WWW-Authenticate": "Bearer"})
    try:
        session = str(uuid.UUID(connection.headers.get(SESSION, "")))
    except ValueError:
        raise Problem("bad_request", field=SESSION, expected="a UUID") from None
    header = connection.headers.get("accept-language", "")
    return ScreenRequest(screen, device.zone, session, accepted(header, web.layout.store.languages))
