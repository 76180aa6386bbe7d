"""Which coupons of a wall are on the glass: those that are live, a page at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias

import msgspec

from device_drivers.contract import CouponWall, WallCoupon
from kiosk_ui.screen import Context, Step
from kiosk_ui.screens.wall.grid import PER_PAGE, PER_PAGE_LARGE, pages

TURN_S: Final = 20.0
"""How long a page stays before the next one comes.

Long enough to get the phone out. A touch stops the turning until the kiosk idles.
"""


class Paging(msgspec.Struct, frozen=True):
    """Where a wall is leafed to."""

    first: int = 0
    """Place of the page's first coupon on full pages; so it stays on the glass when the size of text changes."""
    turned_at: float = 0.0
    """Since when this page is to be seen."""


Wall: TypeAlias = Context[CouponWall, Paging]


def start(at: float) -> Paging:
    """The first page."""
    return Paging(turned_at=at)


def live(wall: CouponWall, now: datetime) -> tuple[WallCoupon, ...]:
    """The coupons whose offer has not ended, whether or not the gateway had time to take them down."""
    return tuple(coupon for coupon in wall.coupons if coupon.ends_at is None or coupon.ends_at > now)


def page_sizes(context: Wall) -> list[int]:
    """How many cards each page shows; one empty page where there are no coupons."""
    return pages(len(live(context.message, context.now)), _per_page(context))


def page_of(context: Wall) -> int:
    """The page that was leafed to, from 0; it may be gone."""
    return context.memory.first // _per_page(context)


def turn(context: Wall, step: str) -> Step[Paging]:
    """A paging arrow was touched; after the last page comes the first. `step` is 1 or -1."""
    return Step(_turned(context, int(step)))


def on_tick(context: Wall) -> Paging:
    """A second went by: a page that nobody touches turns, and one that is gone is left."""
    paging, count = context.memory, len(page_sizes(context))
    if context.covered:
        return Paging(paging.first, turned_at=context.at)
    if count > 1 and not context.touched and context.at - paging.turned_at >= TURN_S:
        return _turned(context, 1)
    return Paging(0, paging.turned_at) if page_of(context) >= count else paging


def _turned(context: Wall, step: int) -> Paging:
    page = (page_of(context) + step) % len(page_sizes(context))
    return Paging(page * _per_page(context), turned_at=context.at)


def _per_page(context: Wall) -> int:
    return PER_PAGE_LARGE if context.large else PER_PAGE
