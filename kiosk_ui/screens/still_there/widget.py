"""The question as a sheet from below, over what stood there. Laid out in `still_there.kv`."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.floatlayout import FloatLayout


class StillThereScreen(FloatLayout):
    """Draws a `StillThereView`. Nothing behind it is touched."""

    hastens = True
    """It must be answered in time (`kiosk_ui.widgets.pieces`)."""
    view = ObjectProperty(None, rebind=True)

    def show(self, view: Any) -> None:
        """Draws anew what differs."""
        self.view = view

    def on_touch_down(self, touch: Any) -> bool:
        """Beside its keys nothing is touched."""
        super().on_touch_down(touch)
        return True
