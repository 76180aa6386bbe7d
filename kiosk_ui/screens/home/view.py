"""What is to be seen of the home: every word, ready to be drawn."""

from __future__ import annotations

from typing import Final

import msgspec

from kiosk_ui.screens.home.loading import At

TILES: Final = ("search", "map", "mine", "lockers", "games", "help")
ALWAYS: Final = frozenset({"offers", "help"})
"""What the screen shows by itself."""


class TileView(msgspec.Struct, frozen=True):
    """One way to go."""

    place: str
    words: str


class HomeView(msgspec.Struct, frozen=True):
    """The whole screen."""

    store: str
    zone: str
    title: str
    strip: str
    """On the strip that leads to the scanner; empty where there is none."""
    offers: str
    tiles: tuple[TileView, ...]
    basket: str
    offline: bool


def view(home: At) -> HomeView:
    """The whole screen."""
    text, wall, known = home.text, home.backdrop, home.memory
    there = (known.answer.places | ALWAYS) & home.shown
    pieces = known.answer.basket.pieces
    return HomeView(
        store=home.say(wall.store.name),
        zone=home.say(wall.zone.name),
        title=text("kiosk_home.title"),
        strip=text("kiosk_home.places.scan") if "scan" in there else "",
        offers=text("kiosk_home.all") if "offers" in there else "",
        tiles=tuple(TileView(place, text(f"kiosk_home.places.{place}")) for place in TILES if place in there),
        basket=f"{text('kiosk_home.places.basket')} {pieces or ''}".strip() if "basket" in there else "",
        offline=home.offline or (not known.answered and not known.asking),
    )
