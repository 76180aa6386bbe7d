"""A sentence on the whole screen: what a code was, and what to do."""

from __future__ import annotations

import msgspec

from device_drivers.contract import NoticeScene
from kiosk_ui.assets import known_art
from kiosk_ui.screen import Context, Screen


class NoticeView(msgspec.Struct, frozen=True):
    """What is to be seen."""

    title: str
    note: str
    art: str


def view(context: Context[NoticeScene, None]) -> NoticeView:
    """The whole screen."""
    scene = context.message
    return NoticeView(context.say(scene.title), context.say(scene.note), known_art(scene.art))


SCREEN = Screen(message=NoticeScene, view=view, widget="kiosk_ui.screens.notice:NoticeScreen", layouts=("notice.kv",))
