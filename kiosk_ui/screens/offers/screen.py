"""Every offer of the zone, as a list that is moved by a finger; a row opens its offer."""

from __future__ import annotations

from kiosk_ui.places import Coupon, Offers
from kiosk_ui.screen import Screen, Step
from kiosk_ui.screens.offers.view import OffersContext, view


def see(_context: OffersContext, offer: str) -> Step[None]:
    """A row was touched."""
    return Step(None, open=Coupon(offer))


SCREEN = Screen(
    message=Offers,
    view=view,
    widget="kiosk_ui.screens.offers.widget:OffersScreen",
    layouts=("offers.kv",),
    on_touch={"see": see},
    wide=True,
)
