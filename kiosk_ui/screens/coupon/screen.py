"""One offer as a ticket: what it saves, its code of this half minute, six digits, and its rules."""

from __future__ import annotations

from kiosk_ui.places import Coupon
from kiosk_ui.screen import Screen
from kiosk_ui.screens.coupon import handlers
from kiosk_ui.screens.coupon.view import view

SCREEN = Screen(
    message=Coupon,
    view=view,
    widget="kiosk_ui.screens.coupon.widget:CouponScreen",
    layouts=("coupon.kv",),
    start=handlers.start,
    on_front=handlers.on_front,
    on_tick=handlers.on_tick,
    on_result=handlers.on_result,
    on_touch={"save": handlers.save, "paper": handlers.print_slip, "lead": handlers.show_way},
    busy=handlers.busy,
    wide=True,
)
