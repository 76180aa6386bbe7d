"""A sentence on the whole screen: what a code was, and what to do."""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.contract import NoticeScene
from kiosk_ui.assets import known_art
from kiosk_ui.screen import Context, Screen

SIGNS: Final = frozenset(
    ("basket", "globe", "lens", "locker", "person", "phone", "pin", "present", "print", "scan", "shield", "till")
)
"""The line signs that a notice may bear."""


WAYS: Final = frozenset(("basket", "help", "lockers", "offers", "search"))
"""The places that a notice may lead to."""


class NoticeView(msgspec.Struct, frozen=True):
    """What is to be seen."""

    title: str
    note: str
    art: str
    sign: str = ""
    """Of what kind of code it was; it stands in the drawing's place."""
    way: str = ""
    """The place that helps on."""
    way_words: str = ""
    offline: str = ""


def view(context: Context[NoticeScene, None]) -> NoticeView:
    """The whole screen."""
    scene = context.message
    way = scene.way if scene.way in context.shown & WAYS else ""
    words = context.text(f"kiosk_way.{way}") if way else ""
    sign = scene.sign if scene.sign in SIGNS else ""
    told = context.say(scene.title), context.say(scene.note), known_art(scene.art)
    return NoticeView(*told, sign, way, words, context.away)


SCREEN = Screen(
    message=NoticeScene,
    view=view,
    widget="kiosk_ui.screens.notice:NoticeScreen",
    layouts=("notice.kv",),
    sound=lambda _: "refused",
    wide=True,
)
