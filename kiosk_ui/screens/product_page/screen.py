"""One product: price, promotion, where it comes from and stands, what else there is; put in, or gone to."""

from __future__ import annotations

from kiosk_ui.places import Product
from kiosk_ui.screen import Screen
from kiosk_ui.screens.product_page import handlers
from kiosk_ui.screens.product_page.view import view

SCREEN = Screen(
    message=Product,
    view=view,
    widget="kiosk_ui.screens.product_page.widget:ProductPage",
    layouts=("product_page.kv",),
    start=handlers.start,
    on_front=handlers.on_front,
    on_touch={"add": handlers.add, "where": handlers.show_way, "sheet": handlers.toggle_sheet},
    on_tick=handlers.on_tick,
    on_result=handlers.on_result,
    sound=handlers.sound,
    busy=handlers.busy,
    wide=True,
)
