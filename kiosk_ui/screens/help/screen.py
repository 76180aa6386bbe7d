"""Help: staff are called to this screen, and whoever called sees that somebody comes."""

from __future__ import annotations

from kiosk_ui.places import Help
from kiosk_ui.screen import Screen
from kiosk_ui.screens.help import handlers
from kiosk_ui.screens.help.view import view

SCREEN = Screen(
    message=Help,
    view=view,
    widget="kiosk_ui.screens.help:HelpScreen",
    layouts=("help.kv",),
    start=handlers.start,
    on_front=handlers.on_front,
    on_touch={"call": handlers.call, "withdraw": handlers.withdraw},
    on_tick=handlers.on_tick,
    on_result=handlers.on_result,
    wide=True,
)
