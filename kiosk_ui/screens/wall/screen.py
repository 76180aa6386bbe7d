"""A zone's coupon wall."""

from __future__ import annotations

from device_drivers.contract import CouponWall
from kiosk_ui.places import Home
from kiosk_ui.screen import Screen
from kiosk_ui.screens.wall import paging
from kiosk_ui.screens.wall.view import view


def leads_to(wall: CouponWall) -> Home | None:
    """The home of this place, where there is a gateway to ask."""
    return Home() if wall.service is not None else None


SCREEN = Screen(
    message=CouponWall,
    view=view,
    widget="kiosk_ui.screens.wall.widget:WallScreen",
    layouts=("card.kv", "wall.kv"),
    start=paging.start,
    on_touch={"turn": paging.turn},
    on_tick=paging.pass_time,
    leads_to=leads_to,
)
