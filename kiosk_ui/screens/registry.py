"""The kiosk's own screens, one line each."""

from __future__ import annotations

from typing import Any, Final

from kiosk_ui.screen import Screen
from kiosk_ui.screens.bank import screen as bank
from kiosk_ui.screens.basket import screen as basket
from kiosk_ui.screens.coupon import screen as coupon
from kiosk_ui.screens.digits import screen as digits
from kiosk_ui.screens.games import screen as games
from kiosk_ui.screens.help import screen as help_
from kiosk_ui.screens.home import screen as home
from kiosk_ui.screens.hours import screen as hours
from kiosk_ui.screens.lockers import screen as lockers
from kiosk_ui.screens.map import screen as floor_map
from kiosk_ui.screens.mine import screen as mine
from kiosk_ui.screens.notice import screen as notice
from kiosk_ui.screens.offers import screen as offers
from kiosk_ui.screens.product import screen as product
from kiosk_ui.screens.product_page import screen as product_page
from kiosk_ui.screens.scan import screen as scan
from kiosk_ui.screens.search import screen as search
from kiosk_ui.screens.still_there import screen as still_there
from kiosk_ui.screens.waiting import screen as waiting
from kiosk_ui.screens.wall import screen as wall
from kiosk_ui.screens.welcome import screen as welcome

SCREENS: Final[tuple[Screen[Any, Any], ...]] = (
    waiting.SCREEN,
    wall.SCREEN,
    bank.SCREEN,
    product.SCREEN,
    notice.SCREEN,
    welcome.SCREEN,
    home.SCREEN,
    floor_map.SCREEN,
    help_.SCREEN,
    offers.SCREEN,
    games.SCREEN,
    lockers.SCREEN,
    scan.SCREEN,
    digits.SCREEN,
    basket.SCREEN,
    coupon.SCREEN,
    mine.SCREEN,
    search.SCREEN,
    product_page.SCREEN,
    still_there.SCREEN,
    hours.SCREEN,
)
"""In no order that matters."""
