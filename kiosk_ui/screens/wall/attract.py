"""What is to be seen of a screen that nobody touches: what plays, the time, and how to begin."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from kiosk_ui import texts
from kiosk_ui.places import Home
from kiosk_ui.screen import Step
from kiosk_ui.screens.wall import slides
from kiosk_ui.screens.wall.paging import Paging, Wall
from signage.playing import plays
from signage.walls import programme_of

MOST_DOTS: Final = 8


class Tongue(msgspec.Struct, frozen=True):
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
    tongues: tuple[Tongue, ...]
    dot: int
    dots: int
    """Where the loop is; no dots for a loop that is too long for them."""


def view(context: Wall) -> AttractView:
    """The whole screen."""
    wall, text = context.message, context.text
    play = plays(programme_of(wall), None, int(context.now.timestamp() * 1000))
    shown, now = slides.slide(context, play), slides.local(context)
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
            Tongue(language, texts.say(language, "kiosk_home.attract.start"))
            for language in wall.languages
            if language in texts.known() and language != context.language
        )[:3],
        dot=dot,
        dots=dots if dots <= MOST_DOTS else 0,
    )


def _place(context: Wall, play: Any) -> tuple[int, int]:
    playlist = next((each for each in context.message.playlists if each.id == play.playlist), None)
    if playlist is None:
        return 0, 0
    names = [item.id for item in playlist.items]
    return (names.index(play.item.id) if play.item.id in names else 0), len(names)


def start(context: Wall, language: str) -> Step[Paging]:
    """A key that begins was touched, perhaps in another language."""
    return Step(context.memory, open=Home(), language=language)
