"""A list that a finger moves: only the rows that are seen are made, and they are used again. Laid out in `rows.kv`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.recycleview import RecycleView
from kivy.uix.scrollview import ScrollView

from kiosk_ui.widgets.keys import WordedKey


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


class Rows(Scroll, RecycleView):
    """Draws a struct a row by its `viewclass`, a `ListRow`."""

    row_height = NumericProperty(100)
    columns = NumericProperty(1)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows: tuple[Any, ...] = ()
        self.told: tuple[Any, Any] = (None, None)
        """What `kiosk_ui.widgets.pieces` made of which rows."""

    def show(self, rows: Sequence[Any]) -> None:
        """Draws anew what differs."""
        if self.rows != tuple(rows):
            self.rows = tuple(rows)
            self.data = [{"row": row} for row in rows]
