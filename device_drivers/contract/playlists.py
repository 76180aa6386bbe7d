"""What a screen plays while nobody touches it: playlists, their items, the media that they show, the store's hours.

Times of day are minutes of the store's own time; `signage` makes instants of them, on the gateway and on the screen
alike. A picture or a film is named by the SHA-256 of its bytes, so that a screen shows it only whole.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, TypeAlias

import msgspec

from device_drivers.contract.values import MAX_URL, Amount, Moment, Tint, Wording

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
PlaylistId = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,38}$")]
ItemId = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,38}$")]
Lasting = Annotated[int, msgspec.Meta(ge=2_000, le=600_000)]
"""Milliseconds that an item stays."""
MediaType = Annotated[str, msgspec.Meta(pattern=r"^(image/(png|jpeg|webp)|video/mp4)$")]
MAX_ITEMS: Final = 60
MAX_PLAYLISTS: Final = 40
MAX_MEDIA: Final = 100
MAX_MEDIA_APART: Final = 1000
"""Of a repertoire, which is no message."""
MAX_WITHDRAWN: Final = 200
EVERY_DAY: Final = 0b111_1111


class MediaFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture or a film, by its content."""

    sha256: Sha256
    type: MediaType
    bytes: Annotated[int, msgspec.Meta(ge=1, le=2**40)]
    width: Annotated[int, msgspec.Meta(ge=1, le=16_384)]
    height: Annotated[int, msgspec.Meta(ge=1, le=16_384)]
    ms: Annotated[int, msgspec.Meta(ge=0, le=3_600_000)] = 0
    """How long a film lasts."""


Media = dict[str, Sha256]
"""By language, whose picture or film it is; a language that is missing sees the one that stands in, as with words."""


class _Item(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="show"):
    """What every item has."""

    id: ItemId
    """Unique in its playlist."""
    ms: Lasting = 10_000
    title: Wording = {}
    recall: bool = False
    """It may be called back: without word from the gateway it is not shown beyond `leased_until`."""


class OffersItem(_Item, frozen=True, omit_defaults=True, kw_only=True, tag="offers"):
    """The offers of the zone, in turn."""


class PictureItem(_Item, frozen=True, omit_defaults=True, kw_only=True, tag="picture"):
    """A picture on the whole screen."""

    media: Annotated[Media, msgspec.Meta(min_length=1)]


class VideoItem(_Item, frozen=True, omit_defaults=True, kw_only=True, tag="video"):
    """A film, without sound. Where the screen cannot play films its still stands."""

    media: Annotated[Media, msgspec.Meta(min_length=1)]
    still: Media = {}


class PageItem(_Item, frozen=True, omit_defaults=True, kw_only=True, tag="page"):
    """A page of a brand: headline (`title`), words, a picture, a code."""

    brand: Wording = {}
    text: Wording = {}
    media: Media = {}
    art: str = ""
    tint: Tint = "#DFEFE4"
    url: Annotated[str, msgspec.Meta(max_length=MAX_URL)] = ""


class GuideItem(_Item, frozen=True, omit_defaults=True, kw_only=True, tag="guide"):
    """How something is done, step by step."""

    steps: Annotated[tuple[Wording, ...], msgspec.Meta(min_length=1, max_length=6)]
    media: Media = {}
    art: str = ""
    tint: Tint = "#DFEFE4"


class ProductItem(_Item, frozen=True, omit_defaults=True, kw_only=True, tag="product"):
    """The product of the day: one of these, another each day."""

    gtins: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=31)]


class TodayItem(_Item, frozen=True, omit_defaults=True, kw_only=True, tag="today"):
    """The day's date and the store's hours."""


Item: TypeAlias = OffersItem | PictureItem | VideoItem | PageItem | GuideItem | ProductItem | TodayItem


class Window(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of the day. It belongs to the day that it begins on; where it ends no later than it begins, it ends on
    the next.
    """

    days: Annotated[int, msgspec.Meta(ge=1, le=EVERY_DAY)] = EVERY_DAY
    """A bit for each weekday that it begins on; Monday is 1."""
    start: Annotated[int, msgspec.Meta(ge=0, le=1439)] = 0
    """Minute of the day."""
    end: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 1440


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which screens: those that every list names that is not empty."""

    zones: tuple[str, ...] = ()
    screens: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()


class Playlist(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Items in a loop, and when and where they play."""

    id: PlaylistId
    items: Annotated[tuple[Item, ...], msgspec.Meta(min_length=1, max_length=MAX_ITEMS)]
    priority: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 10
    """The highest that has its time plays; equal ones play together, in the order of the list."""
    windows: tuple[Window, ...] = ()
    """None: all day."""
    first_day: date | None = None
    last_day: date | None = None
    """Days, in the store's time, that a window may begin on; both are within."""
    since: Moment | None = None
    until: Moment | None = None
    """Cuts every window: the phase of a campaign. The second is outside."""
    share: Annotated[int, msgspec.Meta(ge=0, le=1800)] = 0
    """Seconds an hour that it takes from whatever plays, in even slots; 0 where it is a loop of its own."""
    where: Target = Target()


class Opening(msgspec.Struct, frozen=True, omit_defaults=True):
    """When the store is open."""

    week: Annotated[tuple[str, ...], msgspec.Meta(max_length=7)] = ()
    """Monday first: `08:00-22:00`, or nothing for a day that it is closed. None at all where nobody said."""
    on: dict[str, str] = {}
    """The same for single days, `2026-12-25`."""


class Good(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said of a product of the day."""

    gtin: str
    name: Wording
    price: Amount | None = None
    was: Amount | None = None
    currency: str = "CNY"
    per_unit: Wording = {}
    place: Wording = {}
    art: str = "gift"
    tint: Tint = "#DFEFE4"
    until: Moment | None = None
    """The price is not said from here on without news of the gateway."""


class Repertoire(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a screen plays, where its message has no room for it: a file, named by the SHA-256 of its bytes."""

    playlists: Annotated[tuple[Playlist, ...], msgspec.Meta(max_length=MAX_PLAYLISTS)] = ()
    media: Annotated[tuple[MediaFile, ...], msgspec.Meta(max_length=MAX_MEDIA_APART)] = ()
    goods: Annotated[tuple[Good, ...], msgspec.Meta(max_length=MAX_PLAYLISTS)] = ()


class RepertoireFile(msgspec.Struct, frozen=True):
    """Which repertoire it is. It is asked for where media are."""

    sha256: Sha256
    bytes: Annotated[int, msgspec.Meta(ge=1, le=2**24)]
