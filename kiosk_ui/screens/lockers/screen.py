"""Lockers at a screen: put something in, get it back, without a phone."""

from __future__ import annotations

from kiosk_ui.places import Lockers
from kiosk_ui.screen import Screen
from kiosk_ui.screens.lockers import keeping
from kiosk_ui.screens.lockers.view import view

SCREEN = Screen(
    message=Lockers,
    view=view,
    widget="kiosk_ui.screens.lockers.widget:LockersScreen",
    layouts=("lockers.kv",),
    start=keeping.start,
    on_touch={
        "bank": keeping.choose,
        "way": keeping.show_way,
        "to": keeping.to,
        "size": keeping.size,
        "press": keeping.press,
        "deposit": keeping.deposit,
        "open": keeping.collect,
        "more": keeping.more,
        "leave": keeping.leave,
    },
    on_front=keeping.come,
    on_tick=keeping.pass_time,
    on_result=keeping.hear,
    sound=keeping.sound,
    busy=keeping.busy,
    loads=keeping.loads,
    holds=keeping.holds,
    wide=True,
)
