"""One product: price, promotion, where it comes from and stands, what else there is; put in, or gone to."""

from __future__ import annotations

from kiosk_ui.places import Product
from kiosk_ui.screen import Screen
from kiosk_ui.screens.product_page import told
from kiosk_ui.screens.product_page.view import view

SCREEN = Screen(
    message=Product,
    view=view,
    widget="kiosk_ui.screens.product_page.widget:ProductPage",
    layouts=("product_page.kv",),
    start=told.start,
    on_front=told.begin,
    on_touch={"add": told.add, "where": told.where, "sheet": told.sheet},
    on_tick=told.again,
    on_result=told.take,
    sound=told.sound,
    busy=told.busy,
    loads=told.loads,
    wide=True,
)
