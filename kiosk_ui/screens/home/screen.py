"""The home of this place: what is on offer here, and the way to everything else."""

from __future__ import annotations

from kiosk_ui.places import Home
from kiosk_ui.screen import Screen
from kiosk_ui.screens.home import handlers
from kiosk_ui.screens.home.view import LowHomeView, view

SCREEN = Screen(
    message=Home,
    view=view,
    widget="kiosk_ui.screens.home.widget:HomeScreen",
    widgets={LowHomeView: "kiosk_ui.screens.home.widget:LowHome"},
    layouts=("home.kv", "low_home.kv"),
    start=handlers.start,
    on_front=handlers.on_front,
    on_tick=handlers.on_tick,
    on_result=handlers.on_result,
    wide=True,
)
