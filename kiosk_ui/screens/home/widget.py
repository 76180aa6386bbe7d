"""The home: offers, the strip to the scanner, tiles, and the bar. Laid out in `home.kv`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui.screens.home.view import HomeView, TileView
from kiosk_ui.widgets.keys import WordedKey
from kiosk_ui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence


class OfferTile(WordedKey):
    """One offer on the home; the whole card is touched. It draws a `CardView`."""

    card = ObjectProperty(None, rebind=True)
    claim = StringProperty("")


class PlaceTile(WordedKey):
    """One way to go, with a sign and, where it is broad, a drawing. It draws a `TileView`."""

    tile = ObjectProperty(None, rebind=True)
    broad = BooleanProperty(False)
    fits = NumericProperty(0)
    """Height of the letters in which its words stand on one line, in pixels."""
    note_height = NumericProperty(0)
    letters = NumericProperty(0)
    """What its row says, in pixels; 0: as they fit."""
    below = NumericProperty(0)
    """Under a note that is lower than those beside it, in pixels."""


class PlaceRow(BoxLayout):
    """Ways to go, side by side: their words are of one height, and on one line."""

    def __init__(self, tiles: Sequence[PlaceTile], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for tile in tiles:
            self.add_widget(tile)
            tile.fbind("fits", self._equalise)
            tile.fbind("note_height", self._equalise)
        self._equalise()

    def let_go(self) -> None:
        """Its tiles may stand in another row."""
        for tile in self.children:
            tile.funbind("fits", self._equalise)
            tile.funbind("note_height", self._equalise)
        self.clear_widgets()

    def _equalise(self, *_: object) -> None:
        letters = min(tile.fits for tile in self.children)
        note = max(tile.note_height for tile in self.children)
        for tile in self.children:
            tile.letters, tile.below = letters, note - tile.note_height


class LowTile(WordedKey):
    """One way to go, with its sign over its word. It draws a `TileView`."""

    tile = ObjectProperty(None, rebind=True)


class LowHome(Sheet):
    """The home for whoever has everything low. It draws a `LowHomeView`; laid out in `low_home.kv`."""

    lies_low = True
    count = NumericProperty(0)
    """Of tiles."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pos_hint = {"center_x": 0.5, "y": 0}

    def show(self, view: Any) -> None:
        """Draws anew what differs."""
        super().show(view)
        grid, ways = self.ids.tiles, view.ways
        self.count = len(ways)
        if len(grid.children) != len(ways):
            grid.clear_widgets()
            for tile in ways:
                grid.add_widget(LowTile(tile=tile, on_release=_go))
        for widget, tile in zip(reversed(grid.children), ways, strict=True):
            widget.tile = tile


class HomeScreen(Sheet):
    """The whole screen. It draws a `HomeView` and decides nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Made once: larger letters take some of them away, and bring them back.
        self._offers: list[OfferTile] = []
        self._tiles: list[PlaceTile] = []

    def show(self, view: HomeView) -> None:
        """Draws anew what differs."""
        super().show(view)
        self._show_offers(view)
        self._show_tiles(view.tiles, view.rows)

    def _show_offers(self, view: HomeView) -> None:
        row = self.ids.offers
        while len(self._offers) < len(view.offers):
            self._offers.append(OfferTile(card=view.offers[len(self._offers)], on_release=_see_offer))
        shown = self._offers[: len(view.offers)]
        if len(row.children) != len(shown):
            row.clear_widgets()
            for widget in shown:
                row.add_widget(widget)
        for widget, card in zip(shown, view.offers, strict=True):
            widget.card, widget.claim = card, view.claim

    def _show_tiles(self, tiles: tuple[TileView, ...], rows: tuple[int, ...]) -> None:
        while len(self._tiles) < len(tiles):
            self._tiles.append(PlaceTile(tile=tiles[len(self._tiles)], on_release=_go))
        if [len(row.children) for row in reversed(self.ids.tiles.children)] != list(rows):
            self._lay_out(rows)
        for widget, tile in zip(self._tiles, tiles, strict=False):
            widget.tile = tile

    def _lay_out(self, rows: tuple[int, ...]) -> None:
        grid, left = self.ids.tiles, iter(self._tiles)
        for row in grid.children:
            row.let_go()
        grid.clear_widgets()
        for count in rows:
            tiles = [next(left) for _ in range(count)]
            for place, widget in enumerate(tiles):
                widget.broad = place == 0 and count == 3
            grid.add_widget(PlaceRow(tiles, spacing=grid.spacing))


def _go(widget: PlaceTile) -> None:
    App.get_running_app().open(widget.tile.place)


def _see_offer(widget: Any) -> None:
    App.get_running_app().open_first(("coupon", "offers"), widget.card.id)
