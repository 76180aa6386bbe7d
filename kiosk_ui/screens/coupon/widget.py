"""A coupon as a ticket. Laid out in `coupon.kv`."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk_ui import theme
from kiosk_ui.screens.coupon.view import CouponView
from kiosk_ui.widgets.sheet import Sheet


class Slope(Widget):
    """A ground that runs from light green at the top to forest at the bottom."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        slope = Texture.create(size=(1, 2), colorfmt="rgb")
        ends = (theme.FOREST, theme.SLOPE)
        slope.blit_buffer(bytes(round(255 * part) for end in ends for part in end[:3]), colorfmt="rgb")
        with self.canvas:
            Color(*theme.WHITE)
            self._ground = Rectangle(texture=slope)
        self.fbind("pos", self._draw)
        self.fbind("size", self._draw)

    def _draw(self, *_: object) -> None:
        self._ground.pos, self._ground.size = self.pos, self.size


class RuleRow(BoxLayout):
    """One line of its rules."""

    sign = StringProperty("clock")
    words = StringProperty("")


class CouponScreen(Sheet):
    """The whole screen. It draws a `CouponView` and decides nothing."""

    def show(self, view: CouponView) -> None:
        """Draws anew what differs."""
        super().show(view)
        box = self.ids.rules
        if len(box.children) != len(view.rules):
            box.clear_widgets()
            for _ in view.rules:
                box.add_widget(RuleRow())
        for row, (sign, words) in zip(reversed(box.children), view.rules, strict=True):
            row.sign, row.words = sign, words

    def lines_of(self, words: str) -> int:
        """Of a key: three beside each other are too narrow for what they say."""
        return 2 if all((self.view.main, self.view.paper, self.view.lead)) and " " in words else 1
