"""Lockers at a screen: put something in, get it back, without a phone."""

from __future__ import annotations

from kiosk_ui.places import Lockers
from kiosk_ui.screen import Screen
from kiosk_ui.screens.lockers import handlers
from kiosk_ui.screens.lockers.view import view

SCREEN = Screen(
    message=Lockers,
    view=view,
    widget="kiosk_ui.screens.lockers.widget:LockersScreen",
    layouts=("lockers.kv",),
    start=handlers.start,
    on_touch={
        "bank": handlers.choose_bank,
        "way": handlers.show_way,
        "to": handlers.choose_stage,
        "size": handlers.choose_size,
        "press": handlers.press,
        "deposit": handlers.deposit,
        "open": handlers.collect,
        "more": handlers.request_extra,
        "leave": handlers.leave,
    },
    on_front=handlers.on_front,
    on_tick=handlers.on_tick,
    on_result=handlers.on_result,
    sound=handlers.sound,
    busy=handlers.busy,
    holds=handlers.holds,
    wide=True,
)
