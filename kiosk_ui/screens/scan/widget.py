"""What to hold where. Laid out in `scan.kv`."""

from __future__ import annotations

from kivy.properties import StringProperty

from kiosk_ui.screens.scan.screen import ScanView
from kiosk_ui.widgets.shapes import BoxPanel
from kiosk_ui.widgets.sheet import Sheet


class KindLine(BoxPanel):
    """One of the things that may be held to it."""

    sign = StringProperty("box")
    words = StringProperty("")


class ScanScreen(Sheet):
    """The whole screen. It draws a `ScanView`."""

    def show(self, view: ScanView) -> None:
        """Draws anew what differs."""
        super().show(view)
        box = self.ids.kinds
        if len(box.children) != len(view.kinds):
            box.clear_widgets()
            for _ in view.kinds:
                box.add_widget(KindLine())
        for line, told in zip(reversed(box.children), view.kinds, strict=True):
            line.sign, line.words = told.sign, told.words
