"""Where a screen is drawn: the backdrop on one layer, the scene on another in front of it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kivy.factory import Factory
from kivy.lang import Builder
from kivy.uix.floatlayout import FloatLayout

from kiosk_ui import widgets

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


class Layer(FloatLayout):
    """Shows one screen at a time, or none. A widget stays for as long as its screens are drawn by its class."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget: Any = None
        self.view: Any = None
        self._drawn_by = ""

    def show(self, screen: Screen[Any, Any], view: Any) -> None:
        """Draws the view; costs nothing where it is what is already seen."""
        reference = screen.widgets.get(type(view), screen.widget)
        if self._drawn_by == reference and view == self.view:
            return
        if self._drawn_by != reference:
            self.clear()
            self._drawn_by = reference
            widget_class = Factory.get(reference.partition(":")[2])
            self.widget = widget_class(view=view, pos_hint={"center_x": 0.5, "center_y": 0.5})
            self.add_widget(self.widget)
        self.view = view
        self.widget.show(view)

    def clear(self) -> None:
        """Shows nothing."""
        self.clear_widgets()
        self.widget, self.view, self._drawn_by = None, None, ""
