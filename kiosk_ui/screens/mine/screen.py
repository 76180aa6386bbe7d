"""My things: coupons, points, parcels, the cart, for whoever shows a member's code; they close by themselves."""

from __future__ import annotations

from kiosk_ui.places import Mine
from kiosk_ui.screen import Screen
from kiosk_ui.screens.mine import handlers
from kiosk_ui.screens.mine.view import view

SCREEN = Screen(
    message=Mine,
    view=view,
    widget="kiosk_ui.screens.mine.widget:MineScreen",
    layouts=("mine.kv",),
    start=handlers.start,
    on_front=handlers.on_front,
    on_tick=handlers.on_tick,
    on_result=handlers.on_result,
    on_touch={"stay": handlers.stay, "end": handlers.end, "look": handlers.open_coupon},
    wide=True,
)
