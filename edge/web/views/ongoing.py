"""What of this browser's is under way: a ride, a door that stands open. Every page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.carts import queries as cart_queries
from edge.domain.lockers import queries as locker_queries
from edge.domain.lockers.queries import UnderWay
from edge.web import moments
from edge.web.cookies import DOOR
from words.languages import in_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from edge.web.web import Web

DOOR_SECONDS: Final = 15 * 60

MOVING: Final = frozenset({"filling", "taking", "unsure"})
"""States of a parcel with a sentence of their own; in every other one its door is about to open."""


class Ongoing(msgspec.Struct, frozen=True):
    """One thing under way, as the strip at the top of a page shows it."""

    number: str
    title: str
    text: str
    href: str
    urgent: bool


def ongoing_of(web: Web, request: Request) -> list[Ongoing]:
    """What is under way for this browser, but for what its page is about."""
    here = request.url.path
    return [thing for thing in _under_way(web, request, web.reads.now) if thing.href.partition("?")[0] != here]


def _under_way(web: Web, request: Request, now: int) -> Iterator[Ongoing]:
    language, codes = web.language(request), web.codes
    caller = web.caller(request)
    member = caller.member if caller else None
    for each in _doors(web, request, member):
        yield Ongoing(
            number=each.door,
            title=web.texts.say(language, "own.door", door=each.door),
            text=web.texts.say(language, f"own.door_{each.state if each.state in MOVING else 'reserved'}"),
            href=f"/t/{codes.static(each.bank)}?opening={each.opening}",
            urgent=True,
        )
    ride = cart_queries.ride_of(web.reads, member) if member is not None else None
    if ride is not None:
        cart, since_ms, grant = ride.cart, ride.since_ms, ride.grant
        text = web.texts.say(
            language, "own.ride_for", time=moments.duration_in_words(web.texts, language, now - since_ms)
        )
        yield Ongoing(
            number=cart.rpartition("-")[2],
            title=web.texts.say(language, "own.ride", cart=_label(web, cart, language)),
            text=text,
            href=f"/t/{codes.static(cart)}?grant={grant}",
            urgent=False,
        )


def opening_of(web: Web, request: Request, member: str | None, bank: str) -> str | None:
    """The opening under way at this bank, for a page that was opened without naming it."""
    return next((each.opening for each in _doors(web, request, member) if each.bank == bank), None)


def remember(request: Request, response: Response, opening: str) -> None:
    """From now on this browser finds its door again, from whatever page it comes."""
    secure = request.url.scheme == "https"
    response.set_cookie(DOOR, opening, max_age=DOOR_SECONDS, path="/", httponly=True, samesite="lax", secure=secure)


def _doors(web: Web, request: Request, member: str | None) -> list[UnderWay]:
    found = locker_queries.doors_under_way(web.reads, member) if member else []
    asked = request.cookies.get(DOOR)
    if asked and asked not in {each.opening for each in found}:
        opened = locker_queries.opening_under_way(web.reads, asked[:36])
        return [*found, opened] if opened else found
    return found


def _label(web: Web, device: str, language: str) -> str:
    label = web.layout.device_labels.get(device or "")
    return in_language(label, language) if label else device
