"""A zone's coupon wall."""

from __future__ import annotations

from device_drivers.contract import CouponWall
from kiosk_ui.places import Home
from kiosk_ui.screen import Screen
from kiosk_ui.screens.wall import attract, paging
from kiosk_ui.screens.wall.attract import AttractView
from kiosk_ui.screens.wall.view import WallView, view


def leads_to(wall: CouponWall) -> Home | None:
    """The home of this place, where there is a gateway to ask."""
    return Home() if wall.service is not None else None


def seen(context: paging.Wall) -> WallView | AttractView:
    """The loop that attracts, or, where nothing can be asked, the wall as a poster."""
    return attract.view(context) if context.message.service is not None else view(context)


SCREEN = Screen(
    message=CouponWall,
    view=seen,
    widget="kiosk_ui.screens.wall.widget:WallScreen",
    widgets={AttractView: "kiosk_ui.screens.wall.attract_widget:AttractScreen"},
    layouts=("card.kv", "wall.kv", "attract.kv", "ideas.kv"),
    start=paging.start,
    on_touch={"turn": paging.turn, "start": attract.start},
    on_tick=paging.on_tick,
    on_glass=attract.on_glass,
    leads_to=leads_to,
    wide=True,
)
