"""A list that a finger moves: only the rows that are seen are made, and they are used again. Laid out in `rows.kv`."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import Any

from kivy.core.window import Window
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.recycleview import RecycleView
from kivy.uix.scrollview import ScrollView

from kiosk_ui.widgets.around import Around
from kiosk_ui.widgets.held import AHEAD, HeldRows, Roll
from kiosk_ui.widgets.keys import WordedKey
from kiosk_ui.widgets.shapes import WithControls


def whole(lengths: Sequence[float]) -> tuple[int, ...]:
    """Lengths in whole pixels."""
    return tuple(map(round, lengths))


_pictures: list[tuple[Roll, Around]] = []
"""Those that lists are drawn on, once they were wanted: one list is seen at a time."""


def forget_pictures() -> None:
    """Nothing is left of lists that were drawn."""
    for each in (each for both in _pictures for each in both):
        each.forget()


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

    def on_kv_post(self, base_widget: Any) -> None:
        """All that draws it is there."""
        super().on_kv_post(base_widget)
        self._held = HeldRows(self)
        Window.bind(on_draw=self._hold)

    def get_viewport(self) -> tuple[float, float, float, float]:
        """See `RecycleView`: rows come before they are seen, `AHEAD` at once."""
        x, y, width, height = super().get_viewport()
        step = AHEAD * (self.row_height + self.layout_manager.spacing[1])
        low, high = floor((y - self.beside) / step) * step, ceil((y + height + self.beside) / step) * step
        return x, low, width, high - low

    @property
    def beside(self) -> int:
        """So far, in pixels, a row reaches out of its place at most."""
        farthest: float = max(*self.layout_manager.padding, *self.layout_manager.spacing)
        return round(farthest)

    def _hold(self, *_: object) -> bool:
        """Rows are drawn as they were; not in high contrast, where what is turned once would be turned once more.

        Whether the whole frame is drawn.
        """
        if self.get_root_window() is None:
            return False
        rows = self.layout_manager.children if self.opacity and not self.comfort.dark else []
        if not rows:
            self._held.hide()
            return False
        # A pixel whose middle lies on an edge is the one before it.
        left, bottom, right, top = (ceil(edge - 0.5) for edge in (self.x, self.y, self.right, self.top))
        if not _pictures:
            _pictures.append((Roll(), Around()))
        roll, around = _pictures[0]
        box, lies = (left, bottom, right, top), bottom - round(self.g_translate.y)
        return around.draw(self, self._held.complete(roll, rows, box, lies, self.beside))

    def show(self, rows: Sequence[Any]) -> None:
        """Draws anew what differs."""
        if self.rows != tuple(rows):
            self.rows = tuple(rows)
            self.data = [{"row": row} for row in rows]
