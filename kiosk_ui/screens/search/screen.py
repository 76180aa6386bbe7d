"""Goods, without a keyboard: categories, and a pad on which only keys are lit that lead somewhere."""

from __future__ import annotations

from kiosk_ui.places import Search
from kiosk_ui.screen import Screen
from kiosk_ui.screens.search import asking
from kiosk_ui.screens.search.view import view

SCREEN = Screen(
    message=Search,
    view=view,
    widget="kiosk_ui.screens.search.widget:SearchScreen",
    layouts=("search.kv",),
    start=asking.start,
    on_front=asking.begin,
    on_touch={
        "press": asking.press,
        "erase": asking.erase,
        "clear": asking.clear,
        "switch": asking.switch,
        "choose": asking.choose,
        "more": asking.more,
        "turn": asking.turn,
    },
    on_tick=asking.again,
    on_result=asking.take,
    loads=asking.loads,
    wide=True,
)
