"""What is touched on a place, and the lines between. Laid out in `keys.kv`.

Every one is a `Key` with words and, where a voice must say something else, `spoken`. What has no words is not there.
"""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, StringProperty

from kiosk_ui import theme
from kiosk_ui.widgets.shapes import BoxPanel, Key


class WordedKey(Key):
    """A key that says what it does."""

    words = StringProperty("")
    icon = StringProperty("")
    """Name of a baked picture; empty for none."""


class MainKey(WordedKey):
    """The one thing to do on a place, right above the bar."""

    quiet = BooleanProperty(False)
    """Another way out beside it."""
    ink = ColorProperty(theme.WHITE)
    """Of its letters, where it is not quiet."""


class Tile(WordedKey):
    """One way to go, as a card."""

    place = StringProperty("")
    note = StringProperty("")


class Row(WordedKey):
    """One row of a list: the whole of it is touched."""

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


class Empty(BoxPanel):
    """What stands where there is nothing to list."""

    art = StringProperty("gift")
    heading = StringProperty("")
    note = StringProperty("")
