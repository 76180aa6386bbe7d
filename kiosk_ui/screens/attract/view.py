"""What is seen while nobody touches: one idea, made of the item that plays now. No decision is left to a widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from device_drivers.contract import CouponWall, WallCoupon
from device_drivers.contract.playlists import (
    GuideItem,
    Item,
    OffersItem,
    PageItem,
    PictureItem,
    ProductItem,
    TodayItem,
    VideoItem,
)
from kiosk_ui import texts
from kiosk_ui.assets import GIFT, known_art
from kiosk_ui.prices import Price, split_price
from kiosk_ui.screen import Context
from kiosk_ui.screens.attract import dates
from kiosk_ui.screens.wall.paging import live
from kiosk_ui.session import House
from signage import days
from signage.playing import Play, plays
from signage.walls import programme_of
from words.languages import in_language

TURN_MS: Final = 8_000
"""How long one offer stays where several take turns within an item."""
SHIFT: Final = ((0, 0), (2, 0), (4, 2), (4, 4), (2, 4), (0, 4), (-2, 2), (-2, 0))
"""Where the picture stands, in pixels: another place each minute, against burning in."""

LATIN: Final = 0x2E80
"""From here on letters are as wide as they are high."""
SIZES: Final = ((13, 132), (22, 112), (32, 96), (10_000, 76))
"""Letters of a headline, by how wide it is in Latin letters at most."""

Attract: TypeAlias = Context[CouponWall, Any]


class Card(msgspec.Struct, frozen=True):
    """The white card: what it is, and the code to take along."""

    title: str
    note: str = ""
    place: str = ""
    url: str = ""
    caption: str = ""


class Idea(msgspec.Struct, frozen=True, kw_only=True):
    """What one item says."""

    chip: str = ""
    headline: str = ""
    note: str = ""
    art: str = ""
    price: Price | None = None
    was: str = ""
    card: Card | None = None
    steps: tuple[str, ...] = ()
    picture: str = ""
    """Path of a file that fills the glass, or stands in the middle where there are words."""
    film: str = ""
    """Path of a film that fills the glass."""
    spoken: str = ""

    @property
    def letters(self) -> int:
        """Height of the headline's letters: the longer it is the less, so that three lines hold it."""
        wide = sum(2 if ord(sign) > LATIN else 1 for sign in self.headline)
        return next(size for most, size in SIZES if wide <= most)


class AttractView(msgspec.Struct, frozen=True):
    """The whole glass."""

    key: str
    """What is shown: another one fades in."""
    idea: Idea
    store: str
    open: str
    date: str
    clock: str
    zone: str
    start: str
    others: str
    """The same in the store's other languages."""
    place: int
    """Of the item in its loop."""
    count: int
    notice: str
    since: float
    """Unix seconds: where a film is."""
    until: float
    """Unix seconds until which it was meant to stay: what goes before is cut, not faded."""
    shift: tuple[int, int]


def playing(context: Attract) -> Play:
    """What plays now."""
    return plays(programme_of(context.message), None, _ms(context.now))


def _ms(now: datetime) -> int:
    return round(now.timestamp() * 1000)


def view(context: Attract) -> AttractView:
    """The whole glass."""
    wall, text = context.message, context.text
    play = playing(context)
    idea = _idea(context, play)
    local = context.now.astimezone(ZoneInfo(wall.timezone))
    loop = next((playlist.items for playlist in wall.playlists if playlist.id == play.playlist), (play.item,))
    return AttractView(
        key=f"{play.playlist}/{play.item.id}/{idea.headline}/{idea.picture}",
        idea=idea,
        store=context.say(wall.store.name),
        open=dates.open_now(wall.hours, local, text),
        date=dates.date_and_day(local, text),
        clock=f"{local:%H:%M}",
        zone=text("attract.here", zone=context.say(wall.zone.name)),
        start=text("attract.start"),
        others=" · ".join(texts.say(other, "attract.start") for other in _others(context)),
        place=next((place for place, item in enumerate(loop) if item.id == play.item.id), 0),
        count=len(loop),
        notice=text("attract.offline") if context.offline else "",
        since=play.since_ms / 1000,
        until=play.until_ms / 1000,
        shift=SHIFT[local.minute % len(SHIFT)],
    )


def bare(context: Context[Any, Any], house: House) -> AttractView:
    """The house's own page, for a kiosk that knows nothing but its settings: the box's own clock, no offers."""
    text, local = context.text, context.now.astimezone()
    return AttractView(
        key="house",
        idea=Idea(
            headline=text("attract.welcome"), note=text("kiosk.waiting.note"), art=GIFT, spoken=text("attract.welcome")
        ),
        store=context.say(house.name),
        open="",
        date=dates.date_and_day(local, text),
        clock=f"{local:%H:%M}",
        zone="",
        start="",
        others="",
        place=0,
        count=1,
        notice="",
        since=0.0,
        until=0.0,
        shift=SHIFT[local.minute % len(SHIFT)],
    )


def _others(context: Attract) -> tuple[str, ...]:
    known = texts.known()
    return tuple(each for each in context.message.languages if each != context.language and each in known)[:2]


def _idea(context: Attract, play: Play) -> Idea:
    return _MAKERS[type(play.item)](context, play.item, play)


def _file(context: Attract, media: Mapping[str, str]) -> str:
    """Path of a picture or film in the language on the glass; empty where this kiosk has it not whole."""
    return context.media.get(in_language(media, context.language), "") if media else ""


def _sober(context: Attract) -> Idea:
    """The house's own page, for whatever cannot be shown."""
    text = context.text
    return Idea(
        chip=context.say(context.message.zone.name),
        headline=text("attract.welcome"),
        note=text("attract.welcome_note"),
        art=GIFT,
        spoken=text("attract.welcome"),
    )


def _offers(context: Attract, _item: Any, play: Play) -> Idea:
    there = [each for each in live(context.message, context.now) if each.left is None or each.left > 0]
    if not there:
        return _sober(context)
    into = (_ms(context.now) - play.since_ms) // TURN_MS
    turn = play.since_ms // max(play.item.ms, 1) * max(1, play.item.ms // TURN_MS) + into
    return _offer(context, there[turn % len(there)])


def _offer(context: Attract, coupon: WallCoupon) -> Idea:
    text, title = context.text, context.say(coupon.title, coupon.id)
    fresh = coupon.code_until > context.now
    price, was = _price(context, coupon)
    return Idea(
        chip=text("attract.offer"),
        headline=title,
        art=known_art(coupon.art),
        price=price,
        was=was,
        card=Card(
            title=title,
            note=context.say(coupon.subtitle),
            url=coupon.url if fresh else "",
            caption=text("attract.scan" if fresh else "attract.touch_for_code"),
        ),
        spoken=title,
    )


def _price(context: Attract, coupon: WallCoupon) -> tuple[Price, str]:
    if coupon.percent:
        return Price("", context.text("kiosk.off", percent=coupon.percent), ""), ""
    if coupon.saves:
        less = split_price(coupon.saves, coupon.currency, context.language)
        return Price(f"-{less.symbol}", less.whole, less.cents), ""
    cheaper = coupon.was is not None and coupon.was > coupon.price
    was = str(split_price(coupon.was or 0, coupon.currency, context.language)) if cheaper else ""
    return split_price(coupon.price, coupon.currency, context.language), was


def _picture(context: Attract, item: PictureItem, _play: Play) -> Idea:
    path = _file(context, item.media)
    return Idea(picture=path, spoken=context.say(item.title)) if path else _sober(context)


def _film(context: Attract, item: VideoItem, _play: Play) -> Idea:
    film, still = _file(context, item.media), _file(context, item.still)
    if not (film and context.films) and not still:
        return _sober(context)
    return Idea(film=film if context.films else "", picture=still, spoken=context.say(item.title))


def _page(context: Attract, item: PageItem, _play: Play) -> Idea:
    title = context.say(item.title)
    card = Card(title, context.say(item.text), url=item.url, caption=context.text("attract.more")) if item.url else None
    return Idea(
        chip=context.say(item.brand),
        headline=title,
        note="" if card else context.say(item.text),
        art=known_art(item.art) if item.art else "",
        picture=_file(context, item.media),
        card=card,
        spoken=title,
    )


def _guide(context: Attract, item: GuideItem, _play: Play) -> Idea:
    return Idea(
        chip=context.text("attract.guide"),
        headline=context.say(item.title),
        steps=tuple(context.say(step) for step in item.steps),
        picture=_file(context, item.media),
        spoken=context.say(item.title),
    )


def _product(context: Attract, item: ProductItem, _play: Play) -> Idea:
    wall, text = context.message, context.text
    gtin = item.gtins[days.wall(wall.timezone).day(_ms(context.now)) % len(item.gtins)]
    good = next((each for each in wall.goods if each.gtin == gtin), None)
    if good is None:
        return _sober(context)
    fresh = good.until is None or good.until > context.now
    price = split_price(good.price, good.currency, context.language) if fresh and good.price is not None else None
    was = str(split_price(good.was, good.currency, context.language)) if price and good.was else ""
    name = context.say(good.name)
    return Idea(
        chip=text("attract.product"),
        headline=name,
        art=known_art(good.art),
        price=price,
        was=was,
        card=Card(name, context.say(good.per_unit) if fresh else "", context.say(good.place)),
        spoken=name,
    )


def _today(context: Attract, _item: TodayItem, _play: Play) -> Idea:
    wall, text = context.message, context.text
    local = context.now.astimezone(ZoneInfo(wall.timezone))
    return Idea(
        chip=dates.weekday(local, text),
        headline=dates.date(local, text),
        note=dates.open_now(wall.hours, local, text),
        steps=dates.week(wall.hours, local, text),
        spoken=dates.date_and_day(local, text),
    )


_MAKERS: Final[Mapping[type[Item], Callable[[Attract, Any, Play], Idea]]] = {
    OffersItem: _offers,
    PictureItem: _picture,
    VideoItem: _film,
    PageItem: _page,
    GuideItem: _guide,
    ProductItem: _product,
    TodayItem: _today,
}
