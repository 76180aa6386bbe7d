"""A member's things. Laid out in `mine.kv`."""

from __future__ import annotations

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui.screens.mine.view import FactView, MineView
from kiosk_ui.widgets.keys import Row
from kiosk_ui.widgets.shapes import BoxPanel
from kiosk_ui.widgets.sheet import Sheet, show_part

NOTHING = FactView("", "", "", "star")


class FactCard(BoxPanel):
    """Points, a parcel or a cart."""

    told = ObjectProperty(NOTHING, rebind=True)


class HeldRow(Row):
    """One coupon of theirs."""

    coupon = StringProperty("")


class ShowCode(BoxLayout):
    """What to do, while nobody's things are open."""

    view = ObjectProperty(None, rebind=True)

    def show(self, view: MineView) -> None:
        """Draws anew."""
        self.view = view


class Opened(BoxLayout):
    """A member's things."""

    view = ObjectProperty(None, rebind=True)

    def show(self, view: MineView) -> None:
        """Draws anew what differs."""
        self.view = view
        facts, held = self.ids.facts, self.ids.held
        if len(facts.children) != len(view.facts):
            facts.clear_widgets()
            for _ in view.facts:
                facts.add_widget(FactCard())
        for card, told in zip(reversed(facts.children), view.facts, strict=True):
            card.told = told
        if len(held.children) != len(view.coupons):
            held.clear_widgets()
            for _ in view.coupons:
                held.add_widget(HeldRow())
        for row, one in zip(reversed(held.children), view.coupons, strict=True):
            row.words, row.note, row.art, row.tint, row.coupon = one.title, one.note, one.art, one.tint, one.id


class MineScreen(Sheet):
    """The whole screen. It draws a `MineView` and decides nothing."""

    def show(self, view: MineView) -> None:
        """Draws anew what differs."""
        super().show(view)
        show_part(self.ids.part, ShowCode if view.ask else Opened, view)
