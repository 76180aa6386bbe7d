"""One product on the whole screen: what somebody held to the scanner."""

from __future__ import annotations

from device_drivers.contract import ProductScene
from kiosk_ui.screen import Screen
from kiosk_ui.screens.product.view import view

SCREEN = Screen(
    message=ProductScene, view=view, widget="kiosk_ui.screens.product.widget:ProductScreen", layouts=("product.kv",)
)
