"""What stands there until the gateway has spoken: a wall without a store and without coupons."""

from __future__ import annotations

from kiosk_ui.assets import GIFT
from kiosk_ui.screen import Context, Screen
from kiosk_ui.screens.wall.attract import AttractView, bare
from kiosk_ui.screens.wall.view import EmptyState, WallView


def view(context: Context[None, None]) -> WallView | AttractView:
    """The whole screen: the store's own page, where the kiosk's settings know the store."""
    text = context.text
    if context.house is not None:
        return bare(context, context.house)
    return WallView(
        store="",
        zone="",
        headline=text("kiosk.wall.headline"),
        hint=text("kiosk.wall.how"),
        how=text("kiosk.wall.how"),
        notice="",
        cards=(),
        message=EmptyState(GIFT, text("kiosk.waiting.title"), text("kiosk.waiting.note")),
        page=0,
        page_count=1,
        arts=(),
    )


SCREEN = Screen(
    message=type(None),
    view=view,
    widget="kiosk_ui.screens.wall.widget:WallScreen",
    widgets={AttractView: "kiosk_ui.screens.wall.attract_widget:AttractScreen"},
    wide=True,
)
