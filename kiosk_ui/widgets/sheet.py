"""The ground of a screen, and its parts that come and go."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui.widgets.shapes import WithControls


class Sheet(WithControls, BoxLayout):
    """A whole screen, from the top down: 1080 by 1920 units. Laid out in `sheet.kv`."""

    view = ObjectProperty(None, rebind=True)
    """What is to be seen; the screen's .kv file draws it. It is there before the first rule is applied."""

    def show(self, view: Any) -> None:
        """Draws anew what differs. A screen whose parts come and go MAY extend it."""
        self.view = view


def show_part(box: Any, kind: type[Any], view: Any) -> None:
    """Has one widget of this kind in a box, the same for as long as it is of the kind, and shows it the view."""
    if not box.children or type(box.children[0]) is not kind:
        box.clear_widgets()
        box.add_widget(kind(view=view))
    box.children[0].show(view)


def fill(box: Any, count: int, kind: type[Any]) -> None:
    """Has so many widgets of this kind in a box."""
    if len(box.children) != count:
        box.clear_widgets()
        for _ in range(count):
            box.add_widget(kind())
