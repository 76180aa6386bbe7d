"""The home: a strip, tiles, and the bar. Laid out in `home.kv`."""

from __future__ import annotations

from kivy.app import App

from kiosk_ui.screens.home.view import HomeView
from kiosk_ui.widgets.keys import Tile
from kiosk_ui.widgets.sheet import Sheet


class HomeScreen(Sheet):
    """The whole screen. It draws a `HomeView` and decides nothing."""

    def show(self, view: HomeView) -> None:
        """Draws anew what differs."""
        super().show(view)
        grid = self.ids.tiles
        if len(grid.children) != len(view.tiles):
            grid.clear_widgets()
            for _ in view.tiles:
                grid.add_widget(Tile(on_release=lambda tile: App.get_running_app().open(tile.place)))
        for tile, told in zip(reversed(grid.children), view.tiles, strict=True):
            tile.words, tile.place = told.words, told.place
