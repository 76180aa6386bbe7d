"""The ground of a screen."""

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
