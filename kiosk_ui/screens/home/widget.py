"""The home: offers, the strip to the scanner, tiles, and the bar. Laid out in `home.kv`."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui.screens.home.view import HomeView, TileView
from kiosk_ui.widgets.keys import WordedKey
from kiosk_ui.widgets.sheet import Sheet


class OfferTile(WordedKey):
    """One offer on the home; the whole card is touched. It draws a `CardView`."""

    card = ObjectProperty(None, rebind=True)
    claim = StringProperty("")


class PlaceTile(WordedKey):
    """One way to go, with a sign and, where it is broad, a drawing. It draws a `TileView`."""

    tile = ObjectProperty(None, rebind=True)
    broad = BooleanProperty(False)


class HomeScreen(Sheet):
    """The whole screen. It draws a `HomeView` and decides nothing."""

    def show(self, view: HomeView) -> None:
        """Draws anew what differs."""
        super().show(view)
        self._show_offers(view)
        self._show_tiles(view.tiles, view.rows)

    def _show_offers(self, view: HomeView) -> None:
        row = self.ids.offers
        if len(row.children) != len(view.offers):
            row.clear_widgets()
            for card in view.offers:
                row.add_widget(OfferTile(card=card, on_release=_see_offer))
        for widget, card in zip(reversed(row.children), view.offers, strict=True):
            widget.card, widget.claim = card, view.claim

    def _show_tiles(self, tiles: tuple[TileView, ...], rows: tuple[int, ...]) -> None:
        grid = self.ids.tiles
        shown = [list(reversed(row.children)) for row in reversed(grid.children)]
        if [len(row) for row in shown] != list(rows):
            self._lay_out(tiles, rows)
            shown = [list(reversed(row.children)) for row in reversed(grid.children)]
        for widget, tile in zip((widget for row in shown for widget in row), tiles, strict=True):
            widget.tile = tile

    def _lay_out(self, tiles: tuple[TileView, ...], rows: tuple[int, ...]) -> None:
        grid, left = self.ids.tiles, list(tiles)
        grid.clear_widgets()
        for count in rows:
            row = BoxLayout(spacing=grid.spacing)
            for place in range(count):
                row.add_widget(PlaceTile(tile=left.pop(0), broad=place == 0 and count == 3, on_release=_go))
            grid.add_widget(row)


def _go(widget: PlaceTile) -> None:
    App.get_running_app().open(widget.tile.place)


def _see_offer(widget: Any) -> None:
    App.get_running_app().open_first(("coupon", "offers"), widget.card.id)
