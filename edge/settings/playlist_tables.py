"""What `playlists.toml` may say, each table with the sentence that people read for each key."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from device_drivers.contract.playlists import EVERY_DAY, MAX_ITEMS, MAX_PLAYLISTS
from edge.settings import hours
from edge.settings.forms import Colour, Identifier, several
from edge.settings.model import SettingsModel
from edge.settings.texts import Paragraphs, Text

WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = re.compile(r"(?:([01]\d|2[0-3]):([0-5]\d)|24:00)(?::00)?")


def days(text: str) -> int:
    """A bit for each weekday, Monday 1, of `mon-fri, sun`. Raises `ValueError`."""
    found = 0
    for part in re.split(r"[,\s]+", text.strip().lower()):
        first, _, last = part.partition("-")
        for name in (first, last or first):
            if name not in WEEK:
                raise ValueError(f'expected days such as "mon-fri" or "sat, sun"; found "{text[:40]}"')
        place = WEEK.index(first)
        while True:
            found |= 1 << place
            if WEEK[place] == (last or first):
                break
            place = (place + 1) % 7
    return found


def _days(value: Any) -> Any:
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return days(value) if isinstance(value, str) else value


def minute(text: str) -> int:
    """The minute of the day of `08:30`; `24:00` is its end. Raises `ValueError`."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f'expected a time of day such as "08:30"; found "{text[:40]}"')
    return int(found[1]) * 60 + int(found[2]) if found[1] else 1440


def _minute(value: Any) -> Any:
    return minute(value) if isinstance(value, str) else value


def _opening(text: str) -> str:
    if text == "closed":
        return ""
    try:
        return hours.checked(text)
    except ValueError:
        raise ValueError(f'expected hours such as "08:00-22:00", or "closed"; found "{text[:40]}"') from None


Days = Annotated[int, BeforeValidator(_days), Field(ge=1, le=EVERY_DAY)]
TimeOfDay = Annotated[int, BeforeValidator(_minute), Field(ge=0, le=1440)]
Names = Annotated[tuple[Identifier, ...], BeforeValidator(several)]
Seconds = Annotated[float, Field(ge=2, le=600)]
Open = Annotated[str, AfterValidator(_opening)]
MediaWord = Annotated[str, StringConstraints(min_length=1, max_length=80)]
MediaNames = MediaWord | dict[str, MediaWord]
"""A name in `media.toml` or `sha256:…`, or one for each language."""


class ItemSettings(SettingsModel):
    """What every item has."""

    id: Identifier | None = None
    """By what it is withdrawn and counted. Left out, its kind and its place in the list."""
    s: Seconds | None = None
    """How many seconds it stays: 10 where it is left out, a film for as long as it lasts."""
    title: Text | None = None
    """Headline of a page or a guide; of a picture or a film what is read aloud."""
    recall: bool = False
    """Whether it may be called back: a screen that hears nothing of the gateway for `lease_hours` shows it no more."""


class OffersSettings(ItemSettings):
    """The offers of the screen's zone, in turn."""

    show: Literal["offers"]
    """What is shown."""


class PictureSettings(ItemSettings):
    """A picture on the whole screen."""

    show: Literal["picture"] = "picture"
    """What is shown. It may be left out."""
    picture: MediaNames
    """Its name in `media.toml` or `sha256:…`, or one for each language."""


class VideoSettings(ItemSettings):
    """A film, without sound."""

    show: Literal["video"] = "video"
    """What is shown. It may be left out."""
    video: MediaNames
    """Its name in `media.toml` or `sha256:…`, or one for each language."""
    still: MediaNames | None = None
    """The picture that stands where a screen cannot play films."""


class DrawnSettings(ItemSettings):
    """What is drawn of words and a picture."""

    title: Text
    """Its headline."""
    picture: MediaNames | None = None
    """Its name in `media.toml` or `sha256:…`, or one for each language."""
    art: Identifier | None = None
    """A drawing of the kiosk, where there is no picture."""
    tint: Colour = "#DFEFE4"
    """Behind it."""


class PageSettings(DrawnSettings):
    """A page of a brand: `title`, words, a picture, a code."""

    show: Literal["page"]
    """What is shown."""
    brand: Text | None = None
    """Whose page it is."""
    text: Paragraphs | None = None
    """A sentence or two below."""
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=300)] | None = None
    """Address that its code leads to."""


class GuideSettings(DrawnSettings):
    """How something is done, step by step."""

    show: Literal["guide"]
    """What is shown."""
    steps: Annotated[tuple[Text, ...], Field(min_length=1, max_length=6)]
    """One sentence for each step."""


class ProductSettings(ItemSettings):
    """The product of the day."""

    show: Literal["product"]
    """What is shown."""
    products: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^\d{8,14}$")], ...],
        BeforeValidator(several),
        Field(min_length=1, max_length=31),
    ]
    """Numbers of goods (GTIN): one each day, in turn."""


class TodaySettings(ItemSettings):
    """The day's date and the store's hours."""

    show: Literal["today"]
    """What is shown."""


AnyItem = Annotated[
    OffersSettings | PictureSettings | VideoSettings | PageSettings | GuideSettings | ProductSettings | TodaySettings,
    Field(discriminator="show"),
]
ITEMS: Final[dict[str, type[ItemSettings]]] = {
    "offers": OffersSettings,
    "picture": PictureSettings,
    "video": VideoSettings,
    "page": PageSettings,
    "guide": GuideSettings,
    "product": ProductSettings,
    "today": TodaySettings,
}


class WhenSettings(SettingsModel):
    """A part of the day."""

    days: Days = EVERY_DAY
    """Weekdays that it begins on, such as "mon-fri" or "sat, sun"; every day where it is left out."""
    from_: Annotated[TimeOfDay, Field(alias="from", le=1439)] = 0
    """Time of day, in the store's time, at which it begins."""
    to: TimeOfDay = 1440
    """Time of day from which on it is over. At or before `from` it is the next day's."""


class WhereSettings(SettingsModel):
    """Which screens: those that all lists name that stand there."""

    zones: Names = ()
    """Screens of these zones."""
    screens: Names = ()
    """These screens, by id."""
    tags: Names = ()
    """Screens with one of these tags."""
    stores: Names = ()
    """Screens of these stores of the chain, by id."""


class PlaylistSettings(WhenSettings):
    """Items in a loop, and when and where they play."""

    id: Identifier
    """Its name, in reports and commands."""
    priority: Annotated[int, Field(ge=0, le=1000)] = 10
    """Of those that have their time the highest plays; equal ones play together, in the order of the file."""
    when: tuple[WhenSettings, ...] = ()
    """Several parts of the day, in place of `days`, `from` and `to`."""
    first: date | None = None
    """First day."""
    last: date | None = None
    """Last day, which counts whole."""
    phase: Identifier | None = None
    """Only during this phase of a campaign."""
    share: Annotated[int, Field(ge=0, le=1800)] = 0
    """Seconds an hour that it takes, in even slots, from what plays with no higher priority; 0 is a loop of its own."""
    where: WhereSettings = WhereSettings()
    """Which screens; all of them where it is left out."""
    items: Annotated[tuple[AnyItem, ...], Field(min_length=1, max_length=MAX_ITEMS)]
    """What it shows, in turn."""


class PhaseSettings(SettingsModel):
    """A phase of a campaign."""

    id: Identifier
    """Its name, which playlists say."""
    campaign: Identifier | None = None
    """The campaign that it is a phase of."""
    from_: Annotated[AwareDatetime | None, Field(alias="from")] = None
    """First day (2026-12-01) or first moment (2026-12-01T08:00:00), in the store's time where it names no zone."""
    until: AwareDatetime | None = None
    """Last day, which counts whole (2026-12-31), or the moment from which on it is over."""


class HoursSettings(SettingsModel):
    """When the store is open."""

    mon: Open | None = None
    """Hours such as "08:00-22:00", or "closed"."""
    tue: Open | None = None
    """The same for Tuesday."""
    wed: Open | None = None
    """The same for Wednesday."""
    thu: Open | None = None
    """The same for Thursday."""
    fri: Open | None = None
    """The same for Friday."""
    sat: Open | None = None
    """The same for Saturday."""
    sun: Open | None = None
    """The same for Sunday."""
    every_day: Open | None = None
    """The same for each day that is not named."""
    on: dict[date, Open] = Field(default={})
    """The same for single days, such as 2026-12-25 = "closed"."""


class PlaylistsFile(SettingsModel):
    """What stands in `playlists.toml`."""

    lease_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """How long, in hours, a screen without the gateway goes on to show what may be called back."""
    hours: HoursSettings = HoursSettings()
    """When the store is open: screens say it."""
    tags: dict[Identifier, Names] = Field(default={})
    """Screens by tag, such as window = ["screen-entrance"]."""
    phases: tuple[PhaseSettings, ...] = ()
    """Phases of campaigns, which playlists may name."""
    playlists: Annotated[tuple[PlaylistSettings, ...], Field(max_length=MAX_PLAYLISTS)] = ()
    """What screens play while nobody touches them."""
