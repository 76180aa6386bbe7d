"""Goods, without a keyboard: categories, and a pad on which only keys are lit that lead somewhere."""

from __future__ import annotations

from kiosk_ui.places import Search
from kiosk_ui.screen import Screen
from kiosk_ui.screens.search import handlers
from kiosk_ui.screens.search.view import view

SCREEN = Screen(
    message=Search,
    view=view,
    widget="kiosk_ui.screens.search.widget:SearchScreen",
    layouts=("search.kv",),
    start=handlers.start,
    on_front=handlers.on_front,
    on_touch={
        "press": handlers.press,
        "erase": handlers.erase,
        "clear": handlers.clear,
        "switch": handlers.switch,
        "choose": handlers.choose,
        "more": handlers.more,
        "turn": handlers.turn,
    },
    on_tick=handlers.on_tick,
    on_result=handlers.on_result,
    wide=True,
)
