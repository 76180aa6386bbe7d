"""Help: staff are called to this screen, and whoever called sees that somebody comes."""

from __future__ import annotations

from kiosk_ui.places import Help
from kiosk_ui.screen import Screen
from kiosk_ui.screens.help import calling
from kiosk_ui.screens.help.view import view

SCREEN = Screen(
    message=Help,
    view=view,
    widget="kiosk_ui.screens.help:HelpScreen",
    layouts=("help.kv",),
    start=calling.start,
    on_front=calling.look,
    on_touch={"call": calling.call, "withdraw": calling.withdraw},
    on_tick=calling.again,
    on_result=calling.take,
    loads=calling.loads,
    wide=True,
)
