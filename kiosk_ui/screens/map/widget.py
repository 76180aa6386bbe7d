"""The map: the floor, the way and a code to take it along, or what one can ask the way to. Laid out in `map.kv`."""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui.screens.map.view import MapView
from kiosk_ui.widgets.shapes import Key
from kiosk_ui.widgets.sheet import Sheet


class WayLine(BoxLayout):
    """One line of the way. It draws a `LineView`."""

    view = ObjectProperty(None, rebind=True)


class GoKey(Key):
    """Leads to the way to one place."""

    to = StringProperty("")
    words = StringProperty("")
    quiet = BooleanProperty(False)


class MapScreen(Sheet):
    """The whole screen. It draws a `MapView` and decides nothing."""

    listens = StringProperty("")
    """On the key that reads the way out; empty where this machine has no voice."""

    def listen(self) -> None:
        """Reads the way out, once."""
        App.get_running_app().access.read_out(self.view.aloud)

    def show(self, view: MapView) -> None:
        """Draws anew what differs."""
        super().show(view)
        self.listens = view.listen if App.get_running_app().access.voice.able else ""
        lines = self.ids.lines
        _count(lines, len(view.lines), WayLine)
        for line, told in zip(reversed(lines.children), view.lines, strict=True):
            line.view = told
        grid = self.ids.places
        _count(grid, len(view.places), GoKey)
        for key, place in zip(reversed(grid.children), view.places, strict=True):
            key.to, key.words, key.quiet = place.to, place.words, place.quiet


def _count(box: Any, wanted: int, kind: type[Any]) -> None:
    while len(box.children) > wanted:
        box.remove_widget(box.children[0])
    while len(box.children) < wanted:
        box.add_widget(kind())
