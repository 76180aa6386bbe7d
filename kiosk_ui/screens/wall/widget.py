"""The coupon wall: top bar, banner, a page of cards, and everything to touch within reach at the bottom."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Ellipse
from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.layout import Layout
from kivy.uix.widget import Widget

from kiosk_ui import theme
from kiosk_ui.screens.wall.card import Card
from kiosk_ui.screens.wall.grid import card_boxes
from kiosk_ui.screens.wall.view import CardView, EmptyState, WallView
from kiosk_ui.widgets import shapes
from kiosk_ui.widgets.sheet import Sheet


class Dots(Widget):
    """Which page of how many."""

    page = NumericProperty(0)
    count = NumericProperty(1)
    dot = NumericProperty(14)
    here = ColorProperty(theme.FOREST)
    other = ColorProperty(theme.SAND)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("page", "count", "dot", "here", "other", "pos", "size"):
            self.fbind(name, self._draw)

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        step = min(self.dot * 2, self.width / max(1, self.count))
        x = self.x + self.width / 2 - step * (self.count - 1) / 2
        y = self.y + self.height / 2
        with self.canvas:
            for page in range(int(self.count)):
                now = page == self.page
                side = min(self.dot, step * 0.6) * (1.25 if now else 0.8)
                Color(*(self.here if now else self.other))
                Ellipse(pos=(x + step * page - side / 2, y - side / 2), size=(side, side))


class Pager(BoxLayout):
    """Arrows and dots. Only there where there is more than one page."""

    page = NumericProperty(0)
    count = NumericProperty(1)


class How(BoxLayout):
    """A line of words where there is nothing to page through."""

    words = StringProperty("")


class Notice(FloatLayout):
    """Why codes pause. Takes no room while there is nothing to say."""

    words = StringProperty("")


class NoOffers(shapes.BoxPanel):
    """What stands where the cards would be."""

    art = StringProperty("gift")
    heading = StringProperty("")
    note = StringProperty("")


class CardPage(Layout):
    """One page of cards. Keeps the cards of unchanged coupons, so that a new code redraws a code and no more."""

    gap = NumericProperty(26)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("gap", "pos", "size", "children"):
            self.fbind(name, self._trigger_layout)
        self.cards: list[Card] = []

    def show(self, cards: tuple[CardView, ...], message: EmptyState | None) -> None:
        """Draws the page."""
        if len(cards) != len(self.cards) or message is not None:
            self.clear_widgets()
            self.cards = [Card(card=card) for card in cards]
            for widget in self.cards:
                self.add_widget(widget)
        for widget, card in zip(self.cards, cards, strict=True):
            widget.card = card
        if message is not None:
            self.add_widget(NoOffers(art=message.art, heading=message.title, note=message.note))

    def do_layout(self, *_: object) -> None:
        """Places what it holds."""
        if not self.cards:
            for child in self.children:
                child.pos, child.size = self.pos, self.size
            return
        for card, box in zip(self.cards, card_boxes(len(self.cards), self.width, self.height, self.gap), strict=True):
            card.tall, card.k = box.tall, box.scale
            card.size = (box.width, box.height)
            card.pos = (self.x + box.x, self.y + box.y)


class WallScreen(Sheet):
    """The whole screen. It draws what `WallView` says and decides nothing. Laid out in `wall.kv`."""

    def show(self, view: WallView) -> None:
        """Draws anew what differs."""
        super().show(view)
        self._show_middle(view)
        self.ids.page.show(view.cards, view.message)

    def _show_middle(self, view: WallView) -> None:
        middle = self.ids.middle
        wanted = Pager if view.page_count > 1 else How
        if not middle.children or not isinstance(middle.children[0], wanted):
            middle.clear_widgets()
            middle.add_widget(wanted())
        child = middle.children[0]
        if isinstance(child, Pager):
            child.page, child.count = view.page, view.page_count
        else:
            child.words = view.how
