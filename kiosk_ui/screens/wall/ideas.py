"""Pictures, films, pages of brands, guides and products, as one slide: a headline, a picture, a card, a few steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from device_drivers.contract.playlists import GuideItem, Item, PageItem, PictureItem, ProductItem, VideoItem
from kiosk_ui.assets import GIFT, known_art
from kiosk_ui.prices import PriceParts, split_price
from kiosk_ui.screen import Context
from kiosk_ui.screens.wall.paging import Wall
from signage import days
from signage.playing import Play
from words.languages import in_language

LATIN: Final = 0x2E80
"""From here on letters are as wide as they are high."""
SIZES: Final = ((13, 132), (22, 112), (32, 96), (10_000, 76))
"""Letters of a headline, by how wide it is in Latin letters at most."""


class IdeaView(msgspec.Struct, frozen=True):
    """The white card: what it is, and the code to take along."""

    title: str
    note: str = ""
    place: str = ""
    url: str = ""
    caption: str = ""


class IdeaSlide(msgspec.Struct, frozen=True, kw_only=True):
    """What one item says."""

    chip: str = ""
    headline: str = ""
    note: str = ""
    art: str = ""
    price: PriceParts | None = None
    was: str = ""
    card: IdeaView | None = None
    steps: tuple[str, ...] = ()
    picture: str = ""
    """Path of a file that fills the glass, or stands in the middle where there are words."""
    film: str = ""
    """Path of a film that fills the glass."""
    since: float = 0.0
    """Unix seconds of the film's first picture."""
    spoken: str = ""

    @property
    def letters(self) -> int:
        """Height of the headline's letters: the longer it is the less, so that three lines hold it."""
        wide = sum(2 if ord(sign) > LATIN else 1 for sign in self.headline)
        return next(size for most, size in SIZES if wide <= most)


def _file(context: Wall, media: Mapping[str, str]) -> str:
    """Path of a picture or film in the language on the glass; empty where this kiosk has it not whole."""
    return context.media.get(in_language(media, context.language), "") if media else ""


def sober(context: Context[Any, Any]) -> IdeaSlide:
    """The house's own page, for whatever cannot be shown."""
    text, zone = context.text, getattr(context.message, "zone", None)
    return IdeaSlide(
        chip=context.say(zone.name) if zone else "",
        headline=text("attract.welcome"),
        note=text("attract.welcome_note"),
        art=GIFT,
        spoken=text("attract.welcome"),
    )


def _picture(context: Wall, item: PictureItem, _play: Play) -> IdeaSlide:
    path = _file(context, item.media)
    return IdeaSlide(picture=path, spoken=context.say(item.title)) if path else sober(context)


def _film(context: Wall, item: VideoItem, play: Play) -> IdeaSlide:
    film, still = _file(context, item.media) if context.films else "", _file(context, item.still)
    if not film and not still:
        return sober(context)
    since = play.since_ms / 1000 if film else 0.0
    return IdeaSlide(film=film, since=since, picture=still, spoken=context.say(item.title))


def _page(context: Wall, item: PageItem, _play: Play) -> IdeaSlide:
    title = context.say(item.title)
    card = (
        IdeaView(title, context.say(item.text), url=item.url, caption=context.text("attract.more"))
        if item.url
        else None
    )
    return IdeaSlide(
        chip=context.say(item.brand),
        headline=title,
        note="" if card else context.say(item.text),
        art=known_art(item.art) if item.art else "",
        picture=_file(context, item.media),
        card=card,
        spoken=title,
    )


def _guide(context: Wall, item: GuideItem, _play: Play) -> IdeaSlide:
    return IdeaSlide(
        chip=context.text("attract.guide"),
        headline=context.say(item.title),
        steps=tuple(context.say(step) for step in item.steps),
        picture=_file(context, item.media),
        spoken=context.say(item.title),
    )


def _product(context: Wall, item: ProductItem, _play: Play) -> IdeaSlide:
    wall, text = context.message, context.text
    gtin = item.gtins[days.wall(wall.timezone).day(round(context.now.timestamp() * 1000)) % len(item.gtins)]
    good = next((each for each in wall.goods if each.gtin == gtin), None)
    if good is None:
        return sober(context)
    fresh = good.until is None or good.until > context.now
    price = split_price(good.price, good.currency, context.language) if fresh and good.price is not None else None
    was = str(split_price(good.was, good.currency, context.language)) if price and good.was else ""
    name = context.say(good.name)
    return IdeaSlide(
        chip=text("attract.product"),
        headline=name,
        art=known_art(good.art),
        price=price,
        was=was,
        card=IdeaView(name, context.say(good.per_unit) if fresh else "", context.say(good.place)),
        spoken=name,
    )


IDEAS: Final[Mapping[type[Item], Callable[[Wall, Any, Play], IdeaSlide]]] = {
    PictureItem: _picture,
    VideoItem: _film,
    PageItem: _page,
    GuideItem: _guide,
    ProductItem: _product,
}
"""By what plays."""


def idea(context: Wall, play: Play) -> IdeaSlide:
    """The slide of an item."""
    return IDEAS[type(play.item)](context, play.item, play)
