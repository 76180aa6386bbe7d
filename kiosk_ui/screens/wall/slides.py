"""What plays on a screen that nobody touches, ready to be drawn: one struct for each sort of thing that may play.

A sort of item is drawn by the function that `SLIDES` names for it, and by the widget that is called as its struct with
`Panel` behind it, `OfferSlidePanel`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from device_drivers.contract import WallCoupon
from device_drivers.contract.playlists import Item, OffersItem, TodayItem
from kiosk_ui.assets import known_art
from kiosk_ui.screens.wall import ideas
from kiosk_ui.screens.wall import view as wall
from kiosk_ui.screens.wall.paging import Wall, live
from signage.playing import Play

OFFER_MS: Final = 10_000
"""How long each offer stays, by the clock: screens of one zone show the same one."""


class OfferSlide(msgspec.Struct, frozen=True):
    """One offer, large."""

    headline: str
    chip: str
    card: wall.CardView


class DaySlide(msgspec.Struct, frozen=True):
    """The day, and when the store is open."""

    day: str
    weekday: str
    hours: str
    arts: tuple[str, ...]


Slide = Any
"""One of the structs that `SLIDES` makes."""


def offer(context: Wall, _play: Play | None = None) -> OfferSlide | DaySlide:
    """The offer whose turn it is; the day, where there is none."""
    coupons = [coupon for coupon in live(context.message, context.now) if coupon.left != 0]
    if not coupons:
        return day(context)
    coupon: WallCoupon = coupons[int(context.now.timestamp() * 1000) // OFFER_MS % len(coupons)]
    card = wall.card(coupon, context)
    chip = context.say(context.message.headline, context.text("kiosk_home.title"))
    return OfferSlide(card.title, chip, card)


def day(context: Wall, _play: Play | None = None) -> DaySlide:
    """The date and the hours."""
    now, text = context.local, context.text
    week = text("kiosk_home.weekdays").split("|")[now.weekday()]
    month = text("kiosk_home.months").split("|")[now.month - 1]
    coupons = live(context.message, context.now)
    arts = tuple(dict.fromkeys(known_art(coupon.art) for coupon in coupons))[:3]
    return DaySlide(text("kiosk_home.date", day=now.day, month=month), week, opening(context), arts)


def opening(context: Wall) -> str:
    """When the store is open today; nothing where nobody said."""
    hours, now = context.message.hours, context.local
    if not hours.week:
        return ""
    today = hours.on.get(now.date().isoformat(), hours.week[now.weekday()] if len(hours.week) == 7 else "")
    if not today:
        return context.text("kiosk_home.attract.closed")
    return context.text("kiosk_home.attract.open", hours=today.replace("-", "–"))


SLIDES: Final[Mapping[type[Item], Callable[[Wall, Play], Slide]]] = {
    OffersItem: offer,
    TodayItem: day,
    **dict.fromkeys(ideas.IDEAS, ideas.idea),
}
"""By what plays. What is not here shows the offers instead."""


def slide(context: Wall, play: Play) -> Slide:
    """What is to be seen of what plays."""
    return SLIDES.get(type(play.item), offer)(context, play)
