"""One offer as a ticket: what it saves, its code of this half minute, six digits, and its rules."""

from __future__ import annotations

from kiosk_ui.places import Coupon
from kiosk_ui.screen import Screen
from kiosk_ui.screens.coupon import asking
from kiosk_ui.screens.coupon.view import view

SCREEN = Screen(
    message=Coupon,
    view=view,
    widget="kiosk_ui.screens.coupon.widget:CouponScreen",
    layouts=("coupon.kv",),
    start=asking.start,
    on_front=asking.load,
    on_tick=asking.again,
    on_result=asking.take,
    on_touch={"save": asking.save, "paper": asking.put_on_paper, "lead": asking.lead},
    busy=asking.busy,
    loads=asking.loads,
)
