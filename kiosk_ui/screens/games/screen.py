"""What can be won here: a wheel, boxes, or phones that are shaken; phones join by the code on the glass."""

from __future__ import annotations

from kiosk_ui.places import Games
from kiosk_ui.screen import Screen
from kiosk_ui.screens.games import handlers
from kiosk_ui.screens.games.view import view

SCREEN = Screen(
    message=Games,
    view=view,
    widget="kiosk_ui.screens.games.widget:GamesScreen",
    layouts=("games.kv",),
    start=handlers.start,
    on_touch={
        "choose": handlers.choose_game,
        "draw": handlers.draw,
        "again": handlers.draw_again,
        "leave": handlers.leave,
    },
    sound=handlers.sound,
    on_front=handlers.on_front,
    on_tick=handlers.on_tick,
    on_result=handlers.on_result,
    busy=handlers.busy,
    wide=True,
)
