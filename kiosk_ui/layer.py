"""Where a screen is drawn: the backdrop on one layer, the scene on another in front of it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kivy.factory import Factory
from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk_ui import widgets
from kiosk_ui.widgets.column import Column
from kiosk_ui.widgets.reader import Later

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk_ui.screen import Screen


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


KEPT: Final = 6
"""So many widgets of screens that were left stay made, so that whoever comes back to one does not wait."""


class Layer(FloatLayout):
    """Shows one screen at a time, or none. Widgets of screens that were left are kept until they are forgotten."""

    double = BooleanProperty(False)
    """Letters are twice as high."""
    high = NumericProperty(0)
    """Height of the column, in pixels."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget: Any = None
        self.view: Any = None
        self._drawn_by = ""
        self._kept: dict[str, Any] = {}
        self._again = Later(self._follow)
        self.fbind("double", self._turn)

    @property
    def seen(self) -> Any:
        """What is seen of the screen: its widget, or, with letters twice as high, a column of what stands on it."""
        return self.children[0] if self.children else None

    def show(self, screen: Screen[Any, Any], view: Any) -> None:
        """Draws the view; costs nothing where it is what is already seen."""
        reference = screen.widgets.get(type(view), screen.widget)
        if self._drawn_by == reference and view == self.view:
            self._follow()
            return
        if self._drawn_by != reference:
            self.clear()
            self._drawn_by = reference
            self.widget = self._kept.pop(reference, None) or self._made(reference, view)
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
        column = Column()
        column.fbind("height", self.setter("high"))
        return column

    def _turn(self, *_: object) -> None:
        self._put()
        self._follow()

    def _follow(self) -> None:
        """What a screen draws by itself is on its column, too."""
        if isinstance(self.seen, Column):
            self.seen.follow(self.widget)

    def cover(self, *, covered: bool) -> None:
        """Whether something stands in front of all of it: then it is not drawn at all."""
        self.opacity, self.disabled = (0, True) if covered else (1, False)
        if self.widget is not None and covered == bool(self.children):
            self.clear_widgets() if covered else self._turn()

    def prepare(self, screen: Screen[Any, Any], view: Any) -> None:
        """Makes the widget of a screen before somebody asks for it."""
        reference = screen.widgets.get(type(view), screen.widget)
        if reference != self._drawn_by and reference not in self._kept:
            self._kept[reference] = self._made(reference, view)
            self._kept[reference].show(view)

    def clear(self) -> None:
        """Shows nothing."""
        self.clear_widgets()
        if self.widget is not None:
            self._kept[self._drawn_by] = self.widget
            for reference in list(self._kept)[:-KEPT]:
                del self._kept[reference]
        self.widget, self.view, self._drawn_by = None, None, ""

    def forget(self) -> None:
        """Nothing is left of what was shown."""
        self.clear()
        self.forget_unseen()

    def forget_unseen(self) -> None:
        """Widgets that are not to be seen are not kept: where letters change, each would be laid out anew with them."""
        if not self.children:
            self.clear()
        for kept in self._kept.values():
            for widget in kept.walk(restrict=True):
                Builder.unbind_widget(widget.uid)
        self._kept.clear()

    def _made(self, reference: str, view: Any) -> Any:
        widget_class = Factory.get(reference.partition(":")[2])
        return widget_class(view=view, pos_hint={"center_x": 0.5, "center_y": 0.5})
