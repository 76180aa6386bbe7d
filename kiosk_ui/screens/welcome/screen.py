"""A member who held their code to the scanner is greeted. It looks as a notice does."""

from __future__ import annotations

from device_drivers.contract import WelcomeScene
from kiosk_ui.assets import GIFT
from kiosk_ui.places import Mine
from kiosk_ui.screen import Context, Screen
from kiosk_ui.screens.notice.screen import NoticeView


def view(context: Context[WelcomeScene, None]) -> NoticeView:
    """The whole screen."""
    scene = context.message
    return NoticeView(context.say(scene.title), context.say(scene.note), GIFT, offline=context.away)


SCREEN = Screen(
    message=WelcomeScene,
    view=view,
    widget="kiosk_ui.screens.notice:NoticeScreen",
    as_place=lambda _: Mine(),
    sound=lambda _: "read",
    wide=True,
)
