"""My things: coupons, points, parcels, the cart, for whoever shows a member's code; they close by themselves."""

from __future__ import annotations

from kiosk_ui.places import Mine
from kiosk_ui.screen import Screen
from kiosk_ui.screens.mine import asking
from kiosk_ui.screens.mine.view import view

SCREEN = Screen(
    message=Mine,
    view=view,
    widget="kiosk_ui.screens.mine.widget:MineScreen",
    layouts=("mine.kv",),
    start=asking.start,
    on_front=asking.load,
    on_tick=asking.again,
    on_result=asking.take,
    on_touch={"stay": asking.stay, "end": asking.end, "look": asking.look},
    loads=asking.loads,
)
