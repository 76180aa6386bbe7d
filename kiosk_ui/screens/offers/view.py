"""What is to be seen of all offers: a row each."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from kiosk_ui.places import Offers
from kiosk_ui.screen import Context
from kiosk_ui.screens.wall import view as wall

OffersContext: TypeAlias = Context[Offers, None]


class OfferRow(msgspec.Struct, frozen=True):
    """One offer."""

    id: str
    title: str
    note: str
    price: str
    was: str
    art: str
    tint: str


class OffersView(msgspec.Struct, frozen=True):
    """The whole screen."""

    title: str
    here: str
    offline: str
    rows: tuple[OfferRow, ...]
    none: str
    none_note: str


def view(context: OffersContext) -> OffersView:
    """The whole screen."""
    text, body = context.text, context.backdrop
    as_wall: Any = msgspec.structs.replace(context, message=body)
    rows = tuple(_row(card) for card in wall.cards(as_wall, len(body.coupons)))
    return OffersView(
        title=text("kiosk_home.offers.title"),
        here=text("kiosk_home.here", zone=context.say(body.zone.name)),
        offline=context.away,
        rows=rows,
        none="" if rows else text("kiosk_home.none"),
        none_note="" if rows else text("kiosk_home.none_note"),
    )


def _row(card: wall.CardView) -> OfferRow:
    told = " · ".join(part for part in (card.subtitle, card.stock.text if card.stock else card.code.note) if part)
    return OfferRow(card.id, card.title, told, str(card.price), card.was, card.art, card.tint)
