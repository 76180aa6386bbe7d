"""The search: categories, what was found, and the pad. Laid out in `search.kv`."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk_ui.screens.search.view import SearchView
from kiosk_ui.widgets.goods import GoodRow, PadKey
from kiosk_ui.widgets.shapes import Key
from kiosk_ui.widgets.sheet import Sheet


class CategoryTile(Key):
    """A category. It draws a `CategoryView`."""

    view = ObjectProperty(None, rebind=True)
    chosen = BooleanProperty(False)


class LetterKey(PadKey):
    """A key of this pad."""


class Pad(Widget):
    """Keys of one size in rows; the last one, which takes one back, has what is left of the last row, or a row."""

    cols = NumericProperty(7)
    gap = NumericProperty(14)
    side = NumericProperty(102)
    """Height of a key, in pixels."""
    count = NumericProperty(0)
    """Of keys beside the last one."""
    last = ObjectProperty(None)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(size_hint_y=None, **kwargs)
        for name in ("cols", "gap", "side", "count", "last", "pos", "size", "children"):
            self.fbind(name, self._place)

    @property
    def keys(self) -> list[PadKey]:
        """In the order in which they are read."""
        return [key for key in reversed(self.children) if isinstance(key, PadKey)]

    def _place(self, *_: object) -> None:
        cols = int(self.cols)
        left = (cols - self.count % cols) % cols
        rows = -(-int(self.count) // cols) + (0 if left > 1 else 1)
        self.height = rows * (self.side + self.gap) - self.gap if self.count else 0
        across = (self.width - (cols - 1) * self.gap) / cols
        for at, key in enumerate(self.keys):
            key.size = across, self.side
            key.pos = (
                self.x + at % cols * (across + self.gap),
                self.top - self.side - at // cols * (self.side + self.gap),
            )
        if self.last is not None:
            begin = self.count % cols if left > 1 else 0
            self.last.size = (cols - begin) * (across + self.gap) - self.gap, self.side
            self.last.pos = self.x + begin * (across + self.gap), self.y


class SearchScreen(Sheet):
    """The whole screen. It draws a `SearchView` and decides nothing."""

    wide = BooleanProperty(False)
    """The sheet lies: what is typed stands in the head, and categories beside what was found."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pad = ""
        self.fbind("wide", self._arrange)
        self._arrange()

    def _arrange(self, *_: object) -> None:
        ids = self.ids
        _move(ids.entry, ids.head if self.wide else ids.side, 0 if self.wide else 2)
        _move(ids.categories, ids.side if self.wide else ids.main, -1)

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
            grid.add_widget(CategoryTile())
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
        grid = self.ids.pad
        pad = "".join(each.key for each in view.keys)
        if pad != self._pad:
            self._pad = pad
            for key in grid.keys:
                grid.remove_widget(key)
            for _ in view.keys:
                grid.add_widget(LetterKey(size_hint=(None, None)), index=1)
        for key, told in zip(grid.keys, view.keys, strict=True):
            key.words, key.spoken, key.lit = told.words, told.spoken, told.lit


def _move(widget: Any, into: Any, index: int) -> None:
    """Puts it there, counted from the end; -1 is the first."""
    if widget.parent is not into:
        widget.parent.remove_widget(widget)
        into.add_widget(widget, index=len(into.children) if index < 0 else index)
