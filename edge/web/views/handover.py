"""A basket that changes hands, as a phone sees it: what lies in it, or who has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from edge.domain.baskets import parked
from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.rules import UNPAID
from edge.web.views import basket as basket_views
from edge.web.views.basket import BasketShown

if TYPE_CHECKING:
    from edge.domain.baskets.parked import Parked
    from edge.domain.baskets.queries import BasketNow
    from edge.web.web import Web
    from words.languages import Language

State = Literal["waits", "yours", "taken", "gone"]


class HandoverShown(msgspec.Struct, frozen=True):
    """What a code stands for now."""

    state: State
    pieces: int = 0
    basket: BasketShown | None = None
    until_ms: int = 0
    by: str = ""
    """Who has it: `phone`, `screen` or `till`."""
    taken_ms: int = 0
    place: str = ""
    """The screen at which it was gathered, or stands now."""


def handover_view(web: Web, seed: str, member: str | None, language: Language) -> HandoverShown:
    """What a code stands for, for this member or a stranger."""
    known = web.handover.what_is(seed)
    if known is None:
        return HandoverShown("gone")
    if known.taken_ms is not None:
        if member and basket_queries.owns(web.reads, member, known.into):
            return HandoverShown("yours")
        return HandoverShown("taken", by=known.by or "", taken_ms=known.taken_ms, place=place(web, known, language))
    found = basket_queries.now(web.reads, known.basket)
    if found is None or found.state not in UNPAID or not found.lines or known.until_ms <= web.reads.now:
        return HandoverShown("gone")
    if member and basket_queries.owns(web.reads, member, found.basket):
        return HandoverShown("yours")
    told = basket_views.basket(web, _of_nobody(found), language)
    return HandoverShown("waits", told.pieces, told, known.until_ms, place=place(web, known, language))


def _of_nobody(found: BasketNow) -> BasketNow:
    """Its goods alone: whoever scans a code sees nothing of another person's coupons and points."""
    return msgspec.structs.replace(found, member="", choices=type(found.choices)())


def place(web: Web, known: Parked, language: Language) -> str:
    """The screen where it was gathered; where it was taken by one, that one."""
    name = known.place
    if known.by == "screen":
        name = parked.screen_of(web.reads, known) or name
    device = web.layout.device(name)
    return device.label.get(language, "") if device is not None else ""
