"""A locker bank's own screen: six digits, a keypad low enough for everybody, and plain words about what happened.

Laid out in `bank.kv`.
"""

from __future__ import annotations

from typing import Final

from kivy.properties import ColorProperty, ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui import theme
from kiosk_ui.screens.bank.view import BankView, ResultView
from kiosk_ui.widgets.shapes import BoxPanel
from kiosk_ui.widgets.sheet import Sheet

TONES: Final = {
    "wait": (theme.WHITE, theme.INK, theme.SAND, theme.INK),
    "ok": (theme.LEAF, theme.WHITE, theme.WHITE, theme.LEAF),
    "bad": (theme.AMBER, theme.INK, theme.WHITE, theme.INK),
    "ask": (theme.AMBER, theme.INK, theme.WHITE, theme.INK),
}
"""How an answer is painted: ground, letters, the door's badge, and its number."""


class Keypad(BoxLayout):
    """The phone's code to scan, the six places, and the keys. It draws a `BankView`."""

    view = ObjectProperty(None, rebind=True)

    def show(self, view: BankView) -> None:
        """Draws anew what differs."""
        self.view = view


class AnswerPanel(BoxPanel):
    """What came of it, over the whole pad; a key makes room for the next shopper. It draws a `ResultView`."""

    view = ObjectProperty(None, rebind=True)
    ink = ColorProperty(theme.INK)
    badge = ColorProperty(theme.WHITE)
    number = ColorProperty(theme.INK)

    def show(self, answer: ResultView) -> None:
        """Draws anew what differs."""
        self.view = answer
        self.colour, self.ink, self.badge, self.number = TONES[answer.tone]


class BankScreen(Sheet):
    """The whole screen. It draws a `BankView` and decides nothing."""

    def show(self, view: BankView) -> None:
        """Draws anew what differs."""
        super().show(view)
        middle, wanted = self.ids.middle, AnswerPanel if view.answer else Keypad
        if not middle.children or not isinstance(middle.children[0], wanted):
            middle.clear_widgets()
            middle.add_widget(wanted(view=view.answer or view))
        middle.children[0].show(view.answer or view)
