"""What is to be seen of the home: every word, ready to be drawn."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from kiosk_ui.prices import split_price
from kiosk_ui.screens.home.handlers import REFRESH_S, HomeContext
from kiosk_ui.screens.wall import view as wall
from kiosk_ui.screens.wall.paging import live

TILES: Final = {
    "search": ("lens", "greens"),
    "map": ("pin", ""),
    "lockers": ("locker", ""),
    "mine": ("person", "gift"),
    "games": ("present", ""),
    "help": ("bell", ""),
}
"""Where the tiles lead, with the sign and the drawing of each."""
ALONE: Final = frozenset({"help", "offers"})
"""What the screen shows without the gateway."""
MAX_OFFERS: Final = 3
MAX_TILES: Final = 8
MAX_LARGE: Final = 2
"""So many offers stand on the home."""
ROWS: Final = {0: (), 1: (1,), 2: (2,), 3: (3,), 4: (2, 2), 5: (3, 2), 6: (3, 3), 7: (3, 4), 8: (4, 4)}
ROWS_LARGE: Final = {
    0: (),
    1: (1,),
    2: (2,),
    3: (2, 1),
    4: (2, 2),
    5: (2, 2, 1),
    6: (2, 2, 2),
    7: (3, 2, 2),
    8: (3, 3, 2),
}
"""How many tiles stand in each row."""


class TileView(msgspec.Struct, frozen=True):
    """One way to go."""

    place: str
    words: str
    note: str
    icon: str
    art: str
    waits: bool
    """There is nothing to be had without the gateway."""


class HomeView(msgspec.Struct, frozen=True):
    """The whole screen."""

    store: str
    here: str
    clock: str
    offline: str
    offline_note: str
    again: int
    """Seconds until the gateway is asked once more."""
    title: str
    updated: str
    """How old the prices are, where they may be."""
    offers: tuple[wall.CardView, ...]
    none: str
    """Instead of offers."""
    none_note: str
    claim: str
    every: str
    """On the key that leads to all offers."""
    scan: str
    scan_note: str
    tiles: tuple[TileView, ...]
    rows: tuple[int, ...]
    """How many of them stand in each row."""
    basket: str
    total: str
    pieces: str
    low_title: str
    low_offers: str


class LowHomeView(HomeView, frozen=True):
    """The same for whoever has everything low: all of it fits into what a hand reaches."""

    @property
    def ways(self) -> tuple[TileView, ...]:
        """Where the tiles lead: to all offers and to the basket, too."""
        offers = TileView("offers", self.low_offers, "", "present", "", waits=False)
        basket = TileView("basket", self.basket, self.pieces, "basket", "", waits=False)
        return tuple(tile for tile in (offers, *self.tiles, basket) if tile.words)


def clock(home: Any) -> str:
    """The time on the store's wall."""
    return f"{home.local:%H:%M}"


def view(context: HomeContext) -> HomeView:
    """The whole screen."""
    text, body, known = context.text, context.backdrop, context.memory
    as_wall: Any = msgspec.structs.replace(context, message=body)
    cards = wall.cards(as_wall, MAX_LARGE if context.large else MAX_OFFERS)
    away = context.offline or known.away
    tiles = _tiles(context, away)
    there = _there(context)
    count = len(live(body, context.now))
    basket = known.answer.basket
    low = context.reach and not context.session.double
    return (LowHomeView if low else HomeView)(
        store=context.say(body.store.name),
        here=text("kiosk_home.here", zone=context.say(body.zone.name)),
        clock=clock(context),
        offline=text("kiosk_home.offline") if away else "",
        offline_note=text("kiosk_home.offline_note") if away else "",
        again=max(0, int(-(-(known.asked_at + REFRESH_S - context.at) // 1))) if away else 0,
        title=context.say(body.headline, text("kiosk_home.title")),
        updated=text("kiosk_home.updated", time=known.answered_clock) if away and known.answered_clock else "",
        offers=cards,
        none="" if cards else text("kiosk_home.none"),
        none_note="" if cards else text("kiosk_home.none_note"),
        claim=text("kiosk_home.claim"),
        every=text("kiosk_home.all", count=count) if "offers" in there and count else "",
        scan=text("kiosk_home.places.scan") if "scan" in there else "",
        scan_note=text("kiosk_home.scan_note"),
        tiles=tiles,
        rows=(ROWS_LARGE if context.large else ROWS)[len(tiles)],
        basket=text("kiosk_home.basket") if "basket" in there else "",
        total=str(split_price(basket.total, known.answer.currency, context.language)) if basket.pieces else "",
        pieces=str(basket.pieces or ""),
        low_title=text("kiosk_home.low_title"),
        low_offers=text("kiosk_home.places.offers") if "offers" in there and cards else "",
    )


def _there(context: HomeContext) -> frozenset[str]:
    """The places that the home leads to; until the gateway has said where there is something, all that there are."""
    answered = context.memory.answer.places
    return (answered | ALONE) & context.shown if answered else context.shown


def _tiles(context: HomeContext, away: bool) -> tuple[TileView, ...]:
    own = (_tile(place, context, away) for place in TILES if place in _there(context))
    more = (
        TileView(place, context.text(t.words), context.text(t.note), t.icon, "", waits=False)
        for place, t in context.tiles
    )
    return (*own, *more)[:MAX_TILES]


def _tile(place: str, context: HomeContext, away: bool) -> TileView:
    icon, art = TILES[place]
    waits = away and place not in ALONE
    free = context.memory.answer.free_doors
    note = context.text("kiosk_home.tiles.waits") if waits else context.text(f"kiosk_home.tiles.{place}", count=free)
    return TileView(place, context.text(f"kiosk_home.places.{place}"), note, icon, art, waits)
