"""What of this browser's is under way: a ride, a door that stands open. Every page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from edge.web import moments
from words.languages import in_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from edge.web.web import Web

DOOR: Final = "sk_door"
"""Names the opening that this browser asked for: whoever opens a door by digits or a code is no member of anything."""
DOOR_SECONDS: Final = 15 * 60

MOVING: Final = frozenset({"filling", "taking", "unsure"})
"""States of a parcel with a sentence of their own; in every other one its door is about to open."""

_DOORS: Final = """
SELECT p.bank, p.door, p.state, d.opening FROM parcels p JOIN doors d ON d.parcel=p.parcel
WHERE p.member IN (SELECT other FROM kin WHERE member=?) AND p.filler IS NULL
    AND p.state IN ('reserved', 'filling', 'unsure', 'taking')
ORDER BY p.changed_ms DESC
"""
_OPENING: Final = """
SELECT o.bank, o.door, p.state, o.grant_id AS opening FROM openings o JOIN parcels p ON p.parcel=o.parcel
JOIN doors d ON d.bank=o.bank AND d.door=o.door AND d.opening=o.grant_id
WHERE o.grant_id=? AND (o.state='granted' OR p.state IN ('filling', 'taking'))
"""


class Thing(msgspec.Struct, frozen=True):
    """One thing under way, as the strip at the top of a page shows it."""

    number: str
    title: str
    text: str
    href: str
    urgent: bool


def own(web: Web, request: Request, now: int) -> list[Thing]:
    """What is under way for this browser, but for what its page is about."""
    here = request.url.path
    return [thing for thing in _all(web, request, now) if thing.href.partition("?")[0] != here]


def _all(web: Web, request: Request, now: int) -> Iterator[Thing]:
    language, codes = web.language(request), web.codes
    caller = web.caller(request)
    member = caller.member if caller else None
    for bank, door, state, opening in _doors(web, request, member):
        yield Thing(
            number=door,
            title=web.texts.say(language, "own.door", door=door),
            text=web.texts.say(language, f"own.door_{state if state in MOVING else 'reserved'}"),
            href=f"/t/{codes.static(bank)}?opening={opening}",
            urgent=True,
        )
    ride = _ride(web, member)
    if ride is not None:
        cart, since_ms, grant = ride
        text = web.texts.say(language, "own.ride_for", time=moments.lasted(web.texts, language, now - since_ms))
        yield Thing(
            number=cart.rpartition("-")[2],
            title=web.texts.say(language, "own.ride", cart=_label(web, cart, language)),
            text=text,
            href=f"/t/{codes.static(cart)}?grant={grant}",
            urgent=False,
        )


def opening_of(web: Web, request: Request, member: str | None, bank: str) -> str | None:
    """The opening under way at this bank, for a page that was opened without naming it."""
    return next((opening for at, _, _, opening in _doors(web, request, member) if at == bank), None)


def remember(request: Request, response: Response, opening: str) -> None:
    """From now on this browser finds its door again, from whatever page it comes."""
    secure = request.url.scheme == "https"
    response.set_cookie(DOOR, opening, max_age=DOOR_SECONDS, path="/", httponly=True, samesite="lax", secure=secure)


def _doors(web: Web, request: Request, member: str | None) -> list[tuple[str, str, str, str]]:
    reads = web.reads
    rows = reads.all(_DOORS, member) if member else []
    asked = request.cookies.get(DOOR)
    if asked and asked not in {row["opening"] for row in rows}:
        rows = [*rows, *reads.all(_OPENING, asked[:36])]
    return [(row["bank"], row["door"], row["state"], row["opening"]) for row in rows]


def _ride(web: Web, member: str | None) -> tuple[str, int, str] | None:
    if member is None:
        return None
    row = web.reads.one(
        "SELECT c.cart, c.changed_ms, g.ended_ms, g.grant_id FROM carts c JOIN grants g ON g.grant_id=c.grant_id"
        " WHERE c.state='out' AND c.member IN (SELECT other FROM kin WHERE member=?)",
        member,
    )
    return (row["cart"], row["ended_ms"] or row["changed_ms"], row["grant_id"]) if row else None


def _label(web: Web, device: str, language: str) -> str:
    label = web.layout.device_labels.get(device or "")
    return in_language(label, language) if label else device
