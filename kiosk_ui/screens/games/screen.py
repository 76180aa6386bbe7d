"""What can be won here: a wheel, boxes, or phones that are shaken; phones join by the code on the glass."""

from __future__ import annotations

from kiosk_ui.places import Games
from kiosk_ui.screen import Screen
from kiosk_ui.screens.games import playing
from kiosk_ui.screens.games.view import view

SCREEN = Screen(
    message=Games,
    view=view,
    widget="kiosk_ui.screens.games.widget:GamesScreen",
    layouts=("games.kv",),
    start=playing.start,
    on_touch={
        "choose": playing.choose,
        "draw": playing.draw,
        "again": playing.again,
        "leave": playing.leave,
    },
    sound=playing.sound,
    on_front=playing.come,
    on_tick=playing.pass_time,
    on_result=playing.hear,
    busy=playing.busy,
    loads=playing.loads,
)
