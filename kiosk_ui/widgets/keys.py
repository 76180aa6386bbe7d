"""What is touched on a place, and the lines between. Laid out in `keys.kv`.

Every one is a `Key` with words and, where a voice must say something else, `spoken`. What has no words is not there.
"""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui import theme
from kiosk_ui.widgets.controls import ControlKey, FootBar
from kiosk_ui.widgets.shapes import BoxPanel, Key


class WordedKey(Key):
    """A key that says what it does."""

    words = StringProperty("")
    icon = StringProperty("")
    """Name of a baked picture; empty for none."""


class MainKey(WordedKey):
    """The one thing to do on a place, right above the bar."""

    lines = NumericProperty(1)
    quiet = BooleanProperty(False)
    """Another way out beside it."""
    ink = ColorProperty(theme.WHITE)
    """Of its letters, where it is not quiet."""
    fits = NumericProperty(0)
    """Height of the letters in which its words stand on its lines, in pixels."""
    letters = NumericProperty(0)
    """What its row says, in pixels; 0: as they fit."""


class PackedBox(BoxLayout):
    """What stands one after the other, in the order of its layout. What is not to be seen takes no room, nor the gap
    beside it.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._all: list[Any] = []

    def on_kv_post(self, _base: object) -> None:
        """All of them are made."""
        self._all = list(reversed(self.children))  # held here: one that is not there is in no tree
        for each in self._all:
            each.fbind("opacity", self._show)
        self._show()

    def _show(self, *_: object) -> None:
        there = [each for each in self._all if each.opacity]
        if there != list(reversed(self.children)):
            self.clear_widgets()
            for each in there:
                self.add_widget(each)


class KeyRow(PackedBox):
    """Keys side by side: their words are of one height."""

    def on_kv_post(self, _base: object) -> None:
        """See `PackedBox`."""
        super().on_kv_post(_base)
        for key in self._all:
            key.fbind("fits", self._even)
        self._even()

    def _show(self, *_: object) -> None:
        super()._show()
        self._even()

    def _even(self, *_: object) -> None:
        letters = min((key.fits for key in self.children), default=0)
        for key in self.children:
            key.letters = letters


class Tile(WordedKey):
    """One way to go, as a card."""

    place = StringProperty("")
    note = StringProperty("")


class Row(WordedKey):
    """One row of a list: the whole of it is touched. Its words end in an ellipsis after the second line."""

    lines = NumericProperty(1)
    letters = NumericProperty(0)
    """Height of its words in pixels, where they are larger than a row's."""
    note = StringProperty("")
    price = StringProperty("")
    art = StringProperty("")
    tint = StringProperty("#E7E3D8")


class Strip(WordedKey):
    """The loudest thing on a place."""

    note = StringProperty("")


class OfflineLine(BoxPanel):
    """Says that the gateway is away and what works all the same. Takes no room while there are no words."""

    words = StringProperty("")
    note = StringProperty("")
    left = NumericProperty(0)
    """Seconds until the gateway is asked again; 0 where nobody counts."""
    most = NumericProperty(15)
    """What a full ring stands for."""


class ComfortKey(ControlKey):
    """A sign over a word: what everybody may set for themselves."""

    icon = StringProperty("")
    chosen = BooleanProperty(False)


class BasketKey(WordedKey):
    """Leads to the basket, with what it comes to."""

    total = StringProperty("")
    pieces = StringProperty("")


class PlaceTop(BoxLayout):
    """On top of a place: a name, a line below it, the time; with a way back where `back` is set."""

    title = StringProperty("")
    line = StringProperty("")
    clock = StringProperty("")
    back = BooleanProperty(False)
    heads = BooleanProperty(False)
    """Its title is what a voice calls the screen, whatever is written larger."""
    offline = StringProperty("")
    """What is said while the gateway is away. It stands here on a wide sheet alone, which is too low for a line of its
    own."""
    left = NumericProperty(0)
    """Seconds until the gateway is asked again."""
    ink = ColorProperty(theme.INK)
    faint = ColorProperty(theme.MUTED)


class Bar(FootBar):
    """Under every place: home (`home`), the basket (its words), staff (`call`), and the comfort keys."""

    home = BooleanProperty(False)
    call = BooleanProperty(False)
    basket = StringProperty("")
    total = StringProperty("")
    pieces = StringProperty("")


class Empty(BoxPanel):
    """What stands where there is nothing to list."""

    art = StringProperty("gift")
    heading = StringProperty("")
    note = StringProperty("")
