"""The week. Laid out in `hours.kv`."""

from __future__ import annotations

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk_ui.screens.hours.screen import HoursView
from kiosk_ui.widgets.sheet import Sheet


class DayRow(BoxLayout):
    """One day. It draws a `Day`."""

    day = ObjectProperty(None, rebind=True)


class HoursScreen(Sheet):
    """The whole screen."""

    def show(self, view: HoursView) -> None:
        """Draws anew what differs."""
        super().show(view)
        week = self.ids.week
        if [row.day for row in reversed(week.children)] != list(view.days):
            week.clear_widgets()
            for day in view.days:
                week.add_widget(DayRow(day=day))
