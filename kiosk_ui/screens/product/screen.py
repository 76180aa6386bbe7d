"""One product on the whole screen: what somebody held to the scanner."""

from __future__ import annotations

from device_drivers.contract import ProductScene
from kiosk_ui.places import Product
from kiosk_ui.screen import Screen
from kiosk_ui.screens.product.view import view


def as_place(scene: ProductScene) -> Product | None:
    """The product's page. A bag that was weighed has its own price, which the page does not know."""
    return None if scene.gtin.startswith("02") else Product(scene.gtin, scene)


SCREEN = Screen(
    message=ProductScene,
    view=view,
    widget="kiosk_ui.screens.product.widget:ProductScreen",
    layouts=("product.kv",),
    as_place=as_place,
    sound=lambda _: "read",
    wide=True,
)
