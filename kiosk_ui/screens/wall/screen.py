"""A zone's coupon wall."""

from __future__ import annotations

from device_drivers.contract import CouponWall
from kiosk_ui.screen import Screen
from kiosk_ui.screens.wall import paging
from kiosk_ui.screens.wall.view import view

SCREEN = Screen(
    message=CouponWall,
    view=view,
    widget="kiosk_ui.screens.wall.widget:WallScreen",
    layouts=("card.kv", "wall.kv"),
    start=paging.start,
    on_touch={"turn": paging.turn},
    on_tick=paging.pass_time,
)
