"""Goods on a screen: their picture, their name with what was found in it, a row of a list, the keys of a pad.

Laid out in `goods.kv`.
"""

from __future__ import annotations

from typing import Any, Final

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.label import Label

from kiosk_ui.widgets.shapes import FloatPanel, Key
from kiosk_ui.widgets.text import ended, extent, written

LEAST: Final = 0.82
"""How far a name shrinks before it is cut."""
LEAST_WORD: Final = 0.7
"""How far a name shrinks so that no word breaks."""
FULL: Final = 0.93
"""How much of a line words fill that break where they break."""
MARK: Final = "12724A"


class GoodPicture(FloatPanel):
    """A product's picture, drawing or first letter, on its ground."""

    art = StringProperty("")
    initial = StringProperty("")
    picture = StringProperty("")


class GoodName(Label):
    """A name on so many lines; what does not fit is cut with an ellipsis. What was searched for is marked in it."""

    name = StringProperty("")
    marked = ListProperty([0, 0])
    """From where to where of the name."""
    letters = NumericProperty(36)
    lines = NumericProperty(1)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("name", "marked", "letters", "lines", "width", "bold", "font_name"):
            self.fbind(name, self._fit)
        self._fit()

    def _fit(self, *_: object) -> None:
        room = self.width * (self.lines if self.lines == 1 else self.lines * FULL)
        size, wanted = self.letters, self._extent(written(self.name), self.letters)
        if wanted > room > 0:
            size = max(self.letters * LEAST, self.letters * room / wanted)
        size = self._whole_words(size)
        shown = self._cut(room, size)
        begin, end = (min(int(at), len(shown)) for at in (*self.marked, 0, 0)[:2])
        parts = [_escaped(part) for part in (shown[:begin], shown[begin:end], shown[end:])]
        self.font_size = int(size)
        self.text_size = (self.width, None)
        self.max_lines = int(self.lines)
        self.text = f"{parts[0]}[color={MARK}][u]{parts[1]}[/u][/color]{parts[2]}" if parts[1] else "".join(parts)

    def _whole_words(self, size: float) -> float:
        """Small enough for the longest word to stand on one line, where it is not smaller than letters may be."""
        wanted = max((self._extent(word, size) for word in self.name.split()), default=0.0)
        return max(self.letters * LEAST_WORD, size * self.width / wanted) if wanted > self.width > 0 else size

    def _cut(self, room: float, size: float) -> str:
        return ended(written(self.name), lambda text: room <= 0 or self._extent(text, size) <= room)

    def _extent(self, text: str, size: float) -> float:
        return extent(text, self.font_name, int(size), bold=self.bold) if text else 0.0


class GoodRow(Key):
    """A product in a list: the whole of it is touched. It draws a `kiosk_ui.goods.GoodView`."""

    view = ObjectProperty(None, rebind=True)


class GoodTile(Key):
    """A product beside others, small: picture, name and price."""

    view = ObjectProperty(None, rebind=True)


class PadKey(Key):
    """A letter or digit. One that leads nowhere is dark and does nothing."""

    words = StringProperty("")
    lit = BooleanProperty(True)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("[", "&bl;").replace("]", "&br;")
