"""A list that a finger moves: only the rows that are seen are made, and they are used again. Laid out in `rows.kv`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.core.window import Window
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.recycleview import RecycleView
from kivy.uix.scrollview import ScrollView

from kiosk_ui.widgets.held import HeldRows
from kiosk_ui.widgets.keys import WordedKey
from kiosk_ui.widgets.shapes import WithControls


def whole(lengths: Sequence[float]) -> tuple[int, ...]:
    """Lengths in whole pixels."""
    return tuple(map(round, lengths))


class Scroll(ScrollView):
    """A list that a finger moves, by whole pixels: between two, its letters would be blurred."""

    def update_from_scroll(self, *args: Any) -> None:
        """See `ScrollView`."""
        super().update_from_scroll(*args)
        self.g_translate.xy = whole(self.g_translate.xy)


class ListRow(WordedKey):
    """A row of a list; it draws whatever struct stands there."""

    row = ObjectProperty(None, rebind=True)


class Rows(WithControls, Scroll, RecycleView):
    """Draws a struct a row by its `viewclass`, a `ListRow`. It stands on cream."""

    row_height = NumericProperty(100)
    columns = NumericProperty(1)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows: tuple[Any, ...] = ()
        self.told: tuple[Any, Any] = (None, None)
        """What `kiosk_ui.widgets.pieces` made of which rows."""
        self._held = HeldRows(self)
        Window.bind(on_draw=self._hold)

    def _hold(self, *_: object) -> None:
        """Rows are drawn as they were; not in high contrast, where what is turned once would be turned once more."""
        if self.get_root_window() is None:
            return
        rows = self.layout_manager.children if self.opacity and not self.comfort.dark else []
        drawn = self.canvas.children
        if bool(rows) == (self.canvas_viewport in drawn):
            # After what cuts it. It keeps its parent: what changes in it has the window drawn.
            drawn.remove(self.canvas_viewport) if rows else drawn.insert(1, self.canvas_viewport)
        if rows:
            left, bottom = whole((self.x - self.g_translate.x, self.y - self.g_translate.y))
            self._held.complete(
                rows, left, bottom, round(max(*self.layout_manager.padding, *self.layout_manager.spacing))
            )
        else:
            self._held.hide()

    def show(self, rows: Sequence[Any]) -> None:
        """Draws anew what differs."""
        if self.rows != tuple(rows):
            self.rows = tuple(rows)
            self.data = [{"row": row} for row in rows]
