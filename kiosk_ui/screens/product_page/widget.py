"""One product's page: its card, and the cards below it, as many as there is something to say. Laid out beside."""

from __future__ import annotations

from typing import Any, Final

from kivy.graphics import Color, Ellipse, Line, RoundedRectangle
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk_ui import theme
from kiosk_ui.screens.product_page.view import PageView
from kiosk_ui.widgets.shapes import BoxPanel, Key
from kiosk_ui.widgets.sheet import Sheet

BEFORE_SPACE: Final = 4
"""Where the keys stand in the bar, counted from its end: the comfort keys and the space before them come behind."""


class Stars(BoxLayout):
    """So many of five."""

    stars = NumericProperty(0)


class StationLine(BoxLayout):
    """A step on the way to the shelf."""

    when = StringProperty("")
    words = StringProperty("")
    first = BooleanProperty(False)
    last = BooleanProperty(False)


class Quote(BoxLayout):
    """What a buyer said."""

    stars = NumericProperty(0)
    words = StringProperty("")
    by = StringProperty("")


class CompareBar(Key):
    """One of the compared; it leads to its page, unless it is this one."""

    view = ObjectProperty(None, rebind=True)
    beside = NumericProperty(0)
    """What stands beside the longest bar of all: each is measured by the same room."""


class WithIt(BoxLayout):
    """A product that goes with it, and the key that puts it in. It draws a `GoodView`."""

    view = ObjectProperty(None, rebind=True)
    add = StringProperty("")


class LittlePlan(Widget):
    """The store, small: the zone that it stands in, the shelf, and where the reader is."""

    plan = ObjectProperty(None, allownone=True)
    at = ListProperty([])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("plan", "at", "pos", "size"):
            self.fbind(name, self._draw)

    def again(self) -> tuple[Any, tuple[tuple[str, Any], ...], float] | None:
        """How it is drawn once more; see `kiosk_ui.widgets.pieces`."""
        plan = self.plan
        values = (("plan", plan), ("at", tuple(self.at)))
        return (LittlePlan, values, plan.height / plan.width) if plan is not None and plan.width else None

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        plan = self.plan
        if plan is None or not plan.width or not plan.height or self.width < 2:
            return
        scale = min(self.width / plan.width, self.height / plan.height)
        left, top = self.center_x - plan.width * scale / 2, self.center_y + plan.height * scale / 2

        def point(x: float, y: float) -> tuple[float, float]:
            return left + x * scale, top - y * scale

        with self.canvas:
            for area in plan.areas:
                x, y, across, high = area.plan
                self._area(point(x, y + high), (across * scale, high * scale), area.lit)
            if plan.way:
                Color(*theme.FOREST)
                places = [coordinate for place in plan.way for coordinate in point(*place)]
                Line(points=places, width=max(1.5, scale * 0.12), joint="round", cap="round")
            if plan.you:
                self._spot(point(*plan.you), scale * 0.55, theme.LEAF)
            if self.at:
                self._spot(point(*self.at), scale * 0.7, theme.TOMATO)

    def _area(self, pos: tuple[float, float], size: tuple[float, float], lit: bool) -> None:
        gap = 2
        inner = (max(1, size[0] - 2 * gap), max(1, size[1] - 2 * gap))
        Color(*(theme.MINT if lit else theme.REST))
        RoundedRectangle(pos=(pos[0] + gap, pos[1] + gap), size=inner, radius=[8])
        if lit:
            Color(*theme.LEAF)
            Line(rounded_rectangle=(pos[0] + gap, pos[1] + gap, *inner, 8), width=1.4)

    def _spot(self, at: tuple[float, float], radius: float, colour: theme.Colour) -> None:
        radius = max(6.0, radius)
        Color(*theme.WHITE)
        Ellipse(pos=(at[0] - radius - 2, at[1] - radius - 2), size=(2 * radius + 4, 2 * radius + 4))
        Color(*colour)
        Ellipse(pos=(at[0] - radius, at[1] - radius), size=(2 * radius, 2 * radius))


class TraceCard(BoxPanel):
    """Where it comes from. It draws a `TraceView`."""

    view = ObjectProperty(None, rebind=True)

    def show(self, view: Any) -> None:
        """Draws anew what differs."""
        self.view = view
        box = self.ids.steps
        box.clear_widgets()
        for at, step in enumerate(view.steps):
            last = at == len(view.steps) - 1
            box.add_widget(StationLine(when=step.when, words=step.words, first=at == 0, last=last))


class PlaceCard(Key):
    """Where it stands; it leads to the map. It draws a `PlaceView`."""

    view = ObjectProperty(None, rebind=True)
    alone = BooleanProperty(False)
    """Whether nothing stands beside it."""

    def show(self, view: Any) -> None:
        """Draws anew what differs."""
        self.view = view


class ComparedCard(BoxPanel):
    """Others by what a unit costs, as many as there is room for. It draws a `ComparedView`."""

    view = ObjectProperty(None, rebind=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._bars: list[CompareBar] = []
        self.fbind("height", self._place)
        self.ids.title.fbind("height", self._place)

    def show(self, view: Any) -> None:
        """Draws anew what differs."""
        self.view = view
        self._bars = [CompareBar(view=bar) for bar in view.bars]
        for bar in self._bars:
            bar.ids.chip.bind(width=self._level)
            bar.fbind("height", self._place)
        self._place()
        self._level()

    def _place(self, *_: object) -> None:
        box = self.ids.bars
        left = self.height - self.padding[1] - self.padding[3] - self.spacing - self.ids.title.height
        shown: list[CompareBar] = []
        for bar in self._bars:
            left -= bar.height + (box.spacing if shown else 0)
            if left < 0 and len(shown) > 1:
                break
            shown.append(bar)
        if box.children[::-1] != shown:
            box.clear_widgets()
            for bar in shown:
                box.add_widget(bar)

    def _level(self, *_: object) -> None:
        widest = max(bar.ids.chip.width for bar in self._bars)
        for bar in self._bars:
            bar.beside = widest


class TogetherCard(BoxPanel):
    """What goes with it. It draws a `TogetherView`."""

    view = ObjectProperty(None, rebind=True)

    def show(self, view: Any) -> None:
        """Draws anew what differs."""
        self.view = view
        box = self.ids.goods
        box.clear_widgets()
        for good in view.goods:
            box.add_widget(WithIt(view=good, add=view.add if good.buyable else ""))


class SheetCard(BoxPanel):
    """What lies over the lower half. It draws a `SheetView`."""

    view = ObjectProperty(None, rebind=True)

    def show(self, view: Any) -> None:
        """Draws anew what differs."""
        self.view = view
        box = self.ids.quotes
        box.clear_widgets()
        for each in view.quotes:
            box.add_widget(Quote(stars=each.stars, words=each.words, by=each.by))


CARDS: Final = {"trace": TraceCard, "place": PlaceCard, "compared": ComparedCard, "together": TogetherCard}
"""In the order in which they are read."""


class ProductPage(Sheet):
    """The whole screen. It draws a `PageView` and decides nothing."""

    wide = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._drawn: dict[str, Any] = {}
        self._cards: dict[str, Any] = {}
        self._box = self.ids.keys_box.__self__
        self.fbind("wide", lambda *_: self._arrange())
        self._arrange()

    def show(self, view: PageView) -> None:
        """Draws anew what differs; a card that nothing is known for is not there."""
        super().show(view)
        wanted = {"sheet": view.sheet} if view.sheet else {name: getattr(view, name) for name in CARDS}
        wanted = {name: told for name, told in wanted.items() if told is not None}
        if wanted == self._drawn:
            return
        stays = list(wanted) == list(self._drawn)
        self._drawn = wanted
        self._cards = {name: self._cards.get(name) or {**CARDS, "sheet": SheetCard}[name]() for name in wanted}
        for name, told in wanted.items():
            self._cards[name].show(told)
        if not stays:
            self._arrange()

    def _arrange(self) -> None:
        """Two beside each other upright, below each other where the sheet lies; there the keys move into the bar."""
        into, index = (self.ids.bar, BEFORE_SPACE) if self.wide else (self.ids.below, 0)
        if self._box.parent is not into:
            self._box.parent.remove_widget(self._box)
            self._box.size_hint_x, self._box.pos_hint = (30, {"center_y": 0.5}) if self.wide else (1, {})
            into.add_widget(self._box, index=index)
        rows = self.ids.rows
        for row in rows.children:
            row.clear_widgets()
        rows.clear_widgets()
        cards = list(self._cards.values())
        upright = [cards[at : at + 2] for at in range(0, len(cards), 2)]
        lying = [cards[0::2], cards[1::2]] if len(cards) > 1 else [cards]
        for group in filter(None, lying if self.wide else upright):
            row = BoxLayout(orientation="vertical" if self.wide else "horizontal", spacing=rows.spacing)
            row.fbind("minimum_height", row.setter("size_hint_min_y"))
            for card in group:
                row.add_widget(card)
                if isinstance(card, PlaceCard):
                    card.alone = self.wide or len(group) == 1
            if all(card.size_hint_y is None for card in group):
                self._shorten(row)
            rows.add_widget(row)
        if len(rows.children) == 1 and not self.wide:
            rows.add_widget(Widget())  # one card alone would be higher than a hand reaches
        rows.size_hint_y = 1 if cards else 0.001

    def _shorten(self, row: BoxLayout) -> None:
        """All of its cards are as high as their words: so it is, or below them it is empty."""
        if self.wide:
            row.add_widget(Widget())
        else:
            row.size_hint_y = None
            row.fbind("minimum_height", row.setter("height"))
            row.height = row.minimum_height
