"""One coupon's card: picture, words, price, stock, and the code that claims it."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui import theme
from kiosk_ui.screens.wall.view import CardView
from kiosk_ui.widgets.shapes import BoxPanel, FloatPanel


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
    tint = ColorProperty(theme.SAND)
    art = StringProperty("gift")
    heading = StringProperty("")
    subtitle = StringProperty("")
    badge = StringProperty("")
    symbol = StringProperty("")
    whole = StringProperty("")
    cents = StringProperty("")
    was = StringProperty("")
    stock = StringProperty("")
    stock_fraction = NumericProperty(0.0)
    few = BooleanProperty(False)
    countdown = StringProperty("")
    countdown_fraction = NumericProperty(0.0)
    urgent = BooleanProperty(False)
    url = StringProperty("")
    caption = StringProperty("")
    note = StringProperty("")
    sign = StringProperty("pause")

    def __init__(self, card: CardView, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.show(card)

    def show(self, card: CardView) -> None:
        """Draws anew what differs, and nothing else: an unchanged property costs no frame."""
        self.tint = theme.colour(card.tint)
        self.art, self.heading, self.subtitle, self.badge = card.art, card.title, card.subtitle, card.badge
        self.symbol, self.whole, self.cents, self.was = card.price.symbol, card.price.whole, card.price.cents, card.was
        self.url, self.caption = card.code.url or "", card.code.caption
        self.note, self.sign = card.code.note, card.code.sign
        stock, countdown = card.stock, card.countdown
        self.stock = stock.text if stock else ""
        self.stock_fraction, self.few = (stock.fraction, stock.few) if stock else (0.0, False)
        self.countdown = countdown.text if countdown else ""
        self.countdown_fraction, self.urgent = (countdown.fraction, countdown.urgent) if countdown else (0.0, False)
