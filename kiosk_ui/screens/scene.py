"""What stands in front of the wall for a while: a product, or a sentence about a code. Laid out in `scene.kv`."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk_ui import theme, view_scene
from kiosk_ui.widgets.shapes import BoxPanel, FloatPanel


class Shot(FloatPanel):
    """A product's picture, drawing or first letter, on its ground."""

    art = StringProperty("")
    initial = StringProperty("")
    picture = StringProperty("")


class Small(BoxPanel):
    """A product that goes with the one that is shown."""

    tint = ColorProperty(theme.SAND)
    art = StringProperty("")
    initial = StringProperty("")
    picture = StringProperty("")
    heading = StringProperty("")
    price = StringProperty("")

    def __init__(self, seen: view_scene.Small, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tint, self.art, self.initial = theme.colour(seen.tint), seen.art, seen.initial
        self.picture, self.heading, self.price = seen.picture, seen.title, seen.price


class ProductScreen(BoxLayout):
    """One product on the whole screen."""

    tint = ColorProperty(theme.SAND)
    art = StringProperty("")
    initial = StringProperty("")
    picture = StringProperty("")
    badge = StringProperty("")
    heading = StringProperty("")
    line = StringProperty("")
    priced = BooleanProperty(False)
    symbol = StringProperty("")
    whole = StringProperty("")
    cents = StringProperty("")
    per = StringProperty("")
    was = StringProperty("")
    per_unit = StringProperty("")
    promotion = StringProperty("")
    nearest = StringProperty("")
    place = StringProperty("")
    url = StringProperty("")
    details = StringProperty("")
    with_it = StringProperty("")
    back = StringProperty("")
    beside = NumericProperty(0)

    def show(self, seen: view_scene.ProductView) -> None:
        """Draws it."""
        self.tint, self.art, self.initial = theme.colour(seen.tint), seen.art, seen.initial
        self.picture, self.badge = seen.picture, seen.badge
        self.heading, self.line, self.per, self.was = seen.title, seen.line, seen.per, seen.was
        self.priced = seen.price is not None
        if seen.price is not None:
            self.symbol, self.whole, self.cents = seen.price.symbol, seen.price.whole, seen.price.cents
        self.per_unit, self.promotion = seen.per_unit, seen.promotion
        self.nearest, self.place = seen.nearest, seen.place
        self.url, self.details, self.with_it, self.back = seen.url, seen.details, seen.with_it, seen.back
        self.beside = len(seen.beside)
        row = self.ids.row
        row.clear_widgets()
        for each in seen.beside:
            row.add_widget(Small(each))
        for _ in range(view_scene.MOST_BESIDE - len(seen.beside)):
            row.add_widget(Widget())


class NoticeScreen(BoxLayout):
    """A sentence on the whole screen."""

    art = StringProperty("gift")
    heading = StringProperty("")
    note = StringProperty("")
    back = StringProperty("")

    def show(self, seen: view_scene.NoticeView) -> None:
        """Draws it."""
        self.art, self.heading, self.note, self.back = seen.art, seen.title, seen.note, seen.back


class Front:
    """Puts a scene in front of the wall or the keypad, and takes it away. That goes on behind it."""

    def __init__(self, ground: FloatLayout, behind: Widget) -> None:
        self._ground = ground
        self._behind = behind
        self._seen: view_scene.ProductView | view_scene.NoticeView | None = None
        self.screen: Any = None

    def behind(self, screen: Widget) -> None:
        """From now on this is what stands there when no scene does."""
        if screen is self._behind:
            return
        self._ground.remove_widget(self._behind)
        self._behind = screen
        self._ground.add_widget(screen, len(self._ground.children))
        self._cover()

    def show(self, seen: view_scene.ProductView | view_scene.NoticeView | None) -> None:
        """Shows the scene, or what is behind where there is none; costs nothing where it is what is already seen."""
        if seen == self._seen:
            return
        self._seen = seen
        wanted = None if seen is None else NoticeScreen if isinstance(seen, view_scene.NoticeView) else ProductScreen
        if self.screen is not None and type(self.screen) is not wanted:
            self._ground.remove_widget(self.screen)
            self.screen = None
        if wanted is not None:
            if self.screen is None:
                self.screen = wanted(pos_hint={"center_x": 0.5, "center_y": 0.5})
                self._ground.add_widget(self.screen)
            self.screen.show(seen)  # type: ignore[arg-type]  # the screen of its own kind
        self._cover()

    def _cover(self) -> None:
        self._behind.opacity = 0 if self.screen else 1
        self._behind.disabled = self.screen is not None
