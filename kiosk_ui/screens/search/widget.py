"""The search: categories, what was found, and the pad. Laid out in `search.kv`."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, ObjectProperty

from kiosk_ui.screens.search.view import SearchView
from kiosk_ui.widgets.goods import GoodRow, PadKey
from kiosk_ui.widgets.shapes import Key
from kiosk_ui.widgets.sheet import Sheet


class CategoryTile(Key):
    """A category. It draws a `CategoryView`."""

    view = ObjectProperty(None, rebind=True)
    chosen = BooleanProperty(False)


class SearchScreen(Sheet):
    """The whole screen. It draws a `SearchView` and decides nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pad = ""

    def show(self, view: SearchView) -> None:
        """Draws anew what differs: keys and rows stay where they are, so that a finger finds the next one."""
        super().show(view)
        self._show_categories(view)
        self._show_rows(view)
        self._show_keys(view)

    def _show_categories(self, view: SearchView) -> None:
        grid = self.ids.categories
        while len(grid.children) > len(view.categories):
            grid.remove_widget(grid.children[0])
        while len(grid.children) < len(view.categories):
            grid.add_widget(CategoryTile(on_release=_choose))
        for tile, told in zip(reversed(grid.children), view.categories, strict=True):
            tile.view, tile.chosen, tile.spoken = told, told.chosen, told.spoken

    def _show_rows(self, view: SearchView) -> None:
        box = self.ids.rows
        if [row.view for row in reversed(box.children)] == list(view.rows):
            return
        while len(box.children) > len(view.rows):
            box.remove_widget(box.children[0])
        while len(box.children) < len(view.rows):
            box.add_widget(GoodRow())
        for row, told in zip(reversed(box.children), view.rows, strict=True):
            row.view = told

    def _show_keys(self, view: SearchView) -> None:
        grid = self.ids.keys
        pad = "".join(each.key for each in view.keys)
        if pad != self._pad:
            self._pad = pad
            for key in [key for key in grid.children if isinstance(key, PadKey)]:
                grid.remove_widget(key)
            for at in range(len(view.keys)):
                grid.add_widget(PadKey(on_release=_press), index=len(grid.children) - at)
        keys = [key for key in reversed(grid.children) if isinstance(key, PadKey)]
        for key, told in zip(keys, view.keys, strict=True):
            key.words, key.spoken, key.lit = told.words, told.spoken, told.lit


def _press(key: PadKey) -> None:
    App.get_running_app().touch("press", key.words.lower())


def _choose(tile: CategoryTile) -> None:
    app = App.get_running_app()
    app.touch(*(("choose", tile.view.id) if tile.view.id else ("more", "")))
