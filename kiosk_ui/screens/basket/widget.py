"""The basket: rows that come and go with its lines. Laid out in `basket.kv`."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.gridlayout import GridLayout

from kiosk_ui.screens.basket.view import BasketView, LineView
from kiosk_ui.widgets.shapes import BoxPanel, Key
from kiosk_ui.widgets.sheet import Sheet, show_part

BLANK = LineView("", "", "", "", "", "", "", "", "gift", "#E7E3D8")

NO_VIEW = BasketView("", "", "", False, "", "", "", "", "", "")


class StepKey(Key):
    """One piece more or fewer."""

    icon = StringProperty("plus")
    words = StringProperty("")
    """What it does, for a voice."""


class LineRow(BoxLayout):
    """One line of the basket."""

    told = ObjectProperty(BLANK, rebind=True)


class Sums(GridLayout):
    """Names and amounts, one below the other."""

    rows_told = ListProperty([])

    def on_rows_told(self, *_: object) -> None:
        """Draws anew."""
        self.clear_widgets()
        for name, amount in self.rows_told:
            self.add_widget(SumRow(name=name, amount=amount))


class SumRow(BoxLayout):
    """One of them."""

    name = StringProperty("")
    amount = StringProperty("")


class WayKey(Key):
    """One way on."""

    told = ObjectProperty(None, rebind=True, allownone=True)
    words = StringProperty("")
    main = BooleanProperty(False)


class Nothing(BoxLayout):
    """What stands where nothing lies in it."""

    view = ObjectProperty(None, rebind=True)

    def show(self, view: BasketView) -> None:
        """Draws anew."""
        self.view = view


class LinesCard(FloatLayout):
    """The lines; more of them than there is room for are leafed through."""

    view = ObjectProperty(None, rebind=True, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        self._rows: list[LineRow] = []
        super().__init__(**kwargs)

    def on_view(self, _: object, view: BasketView | None) -> None:
        """Draws anew what differs."""
        if view is None or "lines" not in self.ids:
            return
        box = self.ids.lines
        while len(self._rows) < len(view.lines):
            self._rows.append(LineRow())
        shown = self._rows[: len(view.lines)]
        if list(reversed(box.children)) != shown:
            box.clear_widgets()
            for row in shown:
                box.add_widget(row)
        for row, told in zip(shown, view.lines, strict=True):
            row.told = told


class SumsCard(BoxLayout):
    """What was taken off, and what is left to pay."""

    view = ObjectProperty(NO_VIEW, rebind=True)


class NearCard(BoxPanel):
    """What is missing to the next discount, and what did not apply."""

    view = ObjectProperty(NO_VIEW, rebind=True)


class CollectKey(Key):
    """One way of getting what is not on the shelf."""

    words = StringProperty("")
    way = StringProperty("")
    chosen = BooleanProperty(False)


class CollectCard(BoxPanel):
    """What is not on the shelf, and how it comes."""

    view = ObjectProperty(NO_VIEW, rebind=True)

    def on_view(self, *_: object) -> None:
        """Draws anew what differs."""
        if "ways" not in self.ids:
            return
        told = self.view.collect.ways if self.view.collect else ()
        box = self.ids.ways
        if len(box.children) != len(told):
            box.clear_widgets()
            for _each in told:
                box.add_widget(CollectKey())
        for key, each in zip(reversed(box.children), told, strict=True):
            key.words, key.way, key.chosen = each.words, each.way, each.chosen


class WaysCard(BoxLayout):
    """The code, and the other ways on."""

    view = ObjectProperty(NO_VIEW, rebind=True)


class BasketBody(BoxLayout):
    """What stands below the title where something lies in it."""

    view = ObjectProperty(NO_VIEW, rebind=True)

    def show(self, view: BasketView) -> None:
        """Draws anew what differs."""
        self.view = view


class Filled(BasketBody):
    """Lines, sums, and three ways on, one below the other."""


class FilledWide(BasketBody):
    """The same side by side."""


class BasketScreen(Sheet):
    """The whole screen. It draws a `BasketView` and decides nothing."""

    def show(self, view: BasketView) -> None:
        """Draws anew what differs."""
        super().show(view)
        kind = Nothing if view.empty else FilledWide if App.get_running_app().m.wide else Filled
        show_part(self.ids.part, kind, view)
