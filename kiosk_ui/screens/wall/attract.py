"""What is to be seen of a screen that nobody touches: what plays, the time, and how to begin."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from device_drivers.contract import OnGlass
from device_drivers.contract.playlists import Item, PictureItem, VideoItem
from kiosk_ui import texts
from kiosk_ui.places import Home
from kiosk_ui.screen import Context, Step
from kiosk_ui.screens.wall import ideas, slides
from kiosk_ui.screens.wall.paging import Paging, Wall
from kiosk_ui.session import House
from signage.playing import plays
from signage.walls import programme_of
from words.languages import in_language

MAX_DOTS: Final = 8
SHIFT: Final = ((0, 0), (2, 0), (4, 2), (4, 4), (2, 4), (0, 4), (-2, 2), (-2, 0))


class LanguageChoice(msgspec.Struct, frozen=True):
    """A language to begin in."""

    language: str
    words: str


class AttractView(msgspec.Struct, frozen=True):
    """The whole screen."""

    store: str
    hours: str
    date: str
    clock: str
    slide: Any
    """One of `slides`."""
    where: str
    start: str
    tongues: tuple[LanguageChoice, ...]
    dot: int
    dots: int
    """Where the loop is; no dots for a loop that is too long for them."""
    until: float = 0.0
    """Unix seconds until which it was meant to stay: what goes before is cut, not faded."""
    shift: tuple[int, int] = (0, 0)
    """Where the picture stands, in pixels: another place each minute, against burning in."""


def view(context: Wall) -> AttractView:
    """The whole screen."""
    wall, text = context.message, context.text
    play = plays(programme_of(wall), None, int(context.now.timestamp() * 1000))
    shown, now = slides.slide(context, play), context.local
    dot, dots = _place(context, play)
    month = text("kiosk_home.months").split("|")[now.month - 1]
    return AttractView(
        store=context.say(wall.store.name),
        hours=slides.opening(context),
        date=text("kiosk_home.date", day=now.day, month=month),
        clock=f"{now:%H:%M}",
        slide=shown,
        where=text("kiosk_home.here", zone=context.say(wall.zone.name)),
        start=text("kiosk_home.attract.start"),
        tongues=tuple(
            LanguageChoice(language, texts.say(language, "kiosk_home.attract.start"))
            for language in wall.languages
            if language in texts.known() and language != context.language
        )[:3],
        dot=dot,
        dots=dots if dots <= MAX_DOTS else 0,
        until=play.until_ms / 1000,
        shift=SHIFT[now.minute % len(SHIFT)],
    )


def bare(context: Context[Any, Any], house: House) -> AttractView:
    """The house's own page, for a kiosk that knows nothing but its settings: the box's own clock, nothing to touch."""
    text, now = context.text, context.now.astimezone()
    month = text("kiosk_home.months").split("|")[now.month - 1]
    return AttractView(
        store=context.say(house.name),
        hours="",
        date=text("kiosk_home.date", day=now.day, month=month),
        clock=f"{now:%H:%M}",
        slide=msgspec.structs.replace(ideas.sober(context), note=text("kiosk.waiting.note")),
        where="",
        start="",
        tongues=(),
        dot=0,
        dots=0,
        shift=SHIFT[now.minute % len(SHIFT)],
    )


def on_glass(context: Wall) -> OnGlass | None:
    """What of a playlist is seen now."""
    if context.message.service is None:
        return None
    play = plays(programme_of(context.message), None, round(context.now.timestamp() * 1000))
    seen = _file_of(context, play.item)
    if isinstance(play.item, PictureItem | VideoItem) and not seen:
        return None  # the house's own page stands in for it, which is nobody's
    if not seen:
        said = slides.slide(context, play)
        seen = hashlib.sha256(type(said).__name__.encode() + msgspec.json.encode(_still(said))).hexdigest()
    return OnGlass(
        playlist=play.playlist,
        item=play.item.id,
        content=seen,
        kind=str(play.item.__struct_config__.tag),
        owner=context.say(getattr(play.item, "brand", {}))[:64],
    )


def _file_of(context: Wall, item: Item) -> str:
    """Hash of the file that is seen of an item: of a film's still, where the film is not played; empty for none."""
    named = [getattr(item, "media", {}), getattr(item, "still", {})]
    if isinstance(item, VideoItem) and not context.films:
        named = named[1:]
    files = [in_language(media, context.language) for media in named if media]
    return next((sha256 for sha256 in files if sha256 in context.media), "")


def _still(slide: Any) -> list[str]:
    """What of a slide does not change while it stands."""
    return [str(getattr(slide, name, "")) for name in ("headline", "day", "note", "picture", "steps")]


def _place(context: Wall, play: Any) -> tuple[int, int]:
    playlist = next((each for each in context.message.playlists if each.id == play.playlist), None)
    if playlist is None:
        return 0, 0
    names = [item.id for item in playlist.items]
    return (names.index(play.item.id) if play.item.id in names else 0), len(names)


def start(context: Wall, language: str) -> Step[Paging]:
    """A key that begins was touched, perhaps in another language."""
    return Step(context.memory, open=Home(), language=language)
