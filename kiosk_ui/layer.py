"""Where a screen is drawn: the backdrop on one layer, the scene on another in front of it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kivy.clock import Clock
from kivy.factory import Factory
from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk_ui import widgets
from kiosk_ui.widgets.column import Column
from kiosk_ui.widgets.screen_reader import DelayedCall
from kiosk_ui.widgets.shapes import tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk_ui.screen import Screen
    from kiosk_ui.theme import Metrics


def load_layouts(screens: Iterable[Screen[Any, Any]]) -> None:
    """Reads every .kv file: those of the shared widgets, then those of the screens. Once, before the first screen."""
    for name in widgets.MODULES:
        import_module(f"{widgets.__name__}.{name}")
    paths = [Path(widgets.__file__).with_name(name) for name in widgets.LAYOUTS]
    for screen in screens:
        module = import_module(screen.widget.partition(":")[0])
        for other in screen.widgets.values():
            import_module(other.partition(":")[0])
        paths += [Path(str(module.__file__)).with_name(name) for name in screen.layouts]
    for path in map(str, paths):
        Builder.unload_file(path)
        Builder.load_file(path)


Make: TypeAlias = "tuple[str, Metrics]"
"""What a widget is made of: its class, and the lengths that it was laid out by."""

KEPT: Final = 6
"""So many widgets of screens that were left stay made, so that whoever comes back to one does not wait."""


class Layer(FloatLayout):
    """Shows one screen at a time, or none. Widgets of screens that were left are kept until they are forgotten.

    A widget is made for one size of letters and of the glass, and stays as it is: for another one another is made.
    """

    double = BooleanProperty(False)
    """Letters are twice as high."""
    high = NumericProperty(0)
    """Height of the column, in pixels."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget: Any = None
        self.view: Any = None
        self._told: Any = None
        self._drawn_by: Make | None = None
        self._kept: dict[Make, Any] = {}
        self._nobodys: set[Make] = set()
        """Made while nobody was there, and not seen yet: there is nothing of a shopper in them."""
        self._again = DelayedCall(self._follow)
        self.fbind("double", self._turn)

    @property
    def seen(self) -> Any:
        """What is seen of the screen: its widget, or, with letters twice as high, a column of what stands on it."""
        return self.children[0] if self.children else None

    def show(self, screen: Screen[Any, Any], view: Any, metrics: Metrics) -> None:
        """Draws the view; costs nothing where it is what is already seen. The .kv files measure by `metrics` now."""
        make = _make(screen, view, metrics)
        if self._drawn_by == make and view == self.view:
            self._follow()
            return
        if self._drawn_by != make:
            self.clear()
            self._drawn_by, self._told = make, None
            self._nobodys.discard(make)
            self.widget = self._kept.pop(make, None) or _make_widget(make, view)
            self._put()
        self.view = view
        self.widget.show(view)
        self._follow()
        if self.double:
            self._again()

    def _put(self) -> None:
        """Puts in what is seen of the screen."""
        self.clear_widgets()
        if self.widget is not None and self.opacity:
            self.add_widget(self._column() if self._columned else self.widget)

    @property
    def _columned(self) -> bool:
        return self.double and not getattr(self.widget, "poster", False)

    def _column(self) -> Column:
        """One for each widget, and kept with it, so that whoever comes back finds it made."""
        column: Column | None = getattr(self.widget, "column", None)
        if column is None:
            self.widget.column = column = Column()
            column.fbind("height", self.setter("high"))
        self.widget.do_layout()  # Kivy lays out what is put in somewhere; this is told from without standing anywhere
        self.high = column.height
        return column

    def _turn(self, *_: object) -> None:
        self._put()
        self._follow()

    def _follow(self) -> None:
        """What a screen draws by itself is on its column, too."""
        if isinstance(self.seen, Column):
            self.seen.follow(self.widget)

    def tell(self, *told: Any) -> None:
        """What stands on the buttons that every screen has: `Controls` and `Comfort`."""
        if self.widget is not None and told != self._told:
            self._told = told
            for root in {self.widget, self.seen} - {None}:
                tell(root, *told)
            self._follow()

    def cover(self, *, covered: bool) -> None:
        """Whether something stands in front of all of it: then it is not drawn at all."""
        self.opacity, self.disabled = (0, True) if covered else (1, False)
        if self.widget is not None and covered == bool(self.children):
            self.clear_widgets() if covered else self._turn()

    def prepare(self, screen: Screen[Any, Any], view: Any, metrics: Metrics, *, nobodys: bool) -> bool:
        """Makes the widget of a screen before it is asked for; `nobodys` where nobody is there whom it could be about.

        Whether there was anything to do.
        """
        make = _make(screen, view, metrics)
        if make in self._kept:
            self._kept[make] = self._kept.pop(make)  # it is the last to be given up
        if make == self._drawn_by or make in self._kept:
            return False
        if nobodys:
            self._nobodys.add(make)
        widget = self._kept[make] = _make_widget(make, view)
        widget.show(view)
        settle()
        for each in widget.walk(restrict=True):
            if getattr(each, "texture", None) is not None:
                each.texture.bind()  # letters are drawn when they are first wanted
        return True

    def stop(self) -> None:
        """Nothing of it goes on after this."""
        self._again.cancel()

    def clear(self) -> None:
        """Shows nothing."""
        self.clear_widgets()
        if self._drawn_by is not None:
            self._kept[self._drawn_by] = self.widget
            for make in [each for each in self._kept if each not in self._nobodys][:-KEPT]:
                del self._kept[make]
        self.widget, self.view, self._drawn_by = None, None, None

    def forget(self) -> None:
        """Nothing is left of what was shown."""
        self.clear()
        self._kept = {make: widget for make, widget in self._kept.items() if make in self._nobodys}

    def forget_unseen(self) -> None:
        """Widgets that are not to be seen are not kept, whoever they were made for."""
        self._nobodys.clear()
        self._kept.clear()


def settle() -> None:
    """Everything that waits for the next frame is done: lengths are right, and letters are measured."""
    for _ in range(2):  # what is drawn changes with the sizes, and may change them once more
        Clock.tick_draw()
        Builder.sync()


def _make(screen: Screen[Any, Any], view: Any, metrics: Metrics) -> Make:
    return screen.widgets.get(type(view), screen.widget), metrics


def _make_widget(make: Make, view: Any) -> Any:
    widget_class = Factory.get(make[0].partition(":")[2])
    return widget_class(view=view, pos_hint={"center_x": 0.5, "center_y": 0.5})
