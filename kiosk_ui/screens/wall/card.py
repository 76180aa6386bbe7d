"""One coupon's card: picture, words, price, stock, and the code that claims it."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui.widgets.shapes import BoxPanel, FloatPanel
from kiosk_ui.widgets.text import MIN_SCALE, extent


class Countdown(BoxPanel):
    """Time left of an offer: a ring and figures, red in the last minute. Laid out in `card.kv`."""

    text = StringProperty("")
    fraction = NumericProperty(1.0)
    urgent = BooleanProperty(False)
    k = NumericProperty(1.0)


class Picture(FloatPanel):
    """The product on its tinted ground."""

    art = StringProperty("gift")
    k = NumericProperty(1.0)


class Body(BoxLayout):
    """Everything of a card that is not its picture."""

    need = NumericProperty(0)
    """Height in which nothing is squeezed, in pixels."""


class Card(BoxPanel):
    """A coupon, set tall or wide. It draws what `CardView` says and decides nothing. Laid out in `card.kv`."""

    tall = BooleanProperty(True)
    k = NumericProperty(1.0)
    """Scale of letters and gaps against a card of a page of four."""
    code_side = NumericProperty(0)
    """Of the QR panel, in pixels, where there is room."""
    card = ObjectProperty(None, rebind=True)
    """A `CardView`."""

    def is_short(self, title: str, width: float, letters: float) -> bool:
        """Whether all of a title stands on one line, in letters as small as they may become."""
        return extent(title, "Text", int(letters * MIN_SCALE), bold=True) <= width * 0.98
