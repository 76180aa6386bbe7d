"""The basket of whoever stands here: what lies in it, what it costs and why, and three ways on."""

from __future__ import annotations

from kiosk_ui.places import Basket
from kiosk_ui.screen import Screen, Step
from kiosk_ui.screens.basket import handlers
from kiosk_ui.screens.basket.view import view


def _done(context: handlers.BasketContext, _argument: str) -> Step[handlers.Memory]:
    return Step(context.memory, end=True)


SCREEN = Screen(
    message=Basket,
    view=view,
    widget="kiosk_ui.screens.basket.widget:BasketScreen",
    layouts=("basket.kv",),
    start=handlers.start,
    on_front=handlers.on_front,
    on_tick=handlers.on_tick,
    on_result=handlers.on_result,
    on_touch={
        "more": lambda context, line: handlers.change_quantity(context, line, 1),
        "less": lambda context, line: handlers.change_quantity(context, line, -1),
        "way": handlers.choose_way,
        "collect": handlers.choose_collecting,
        "done": _done,
    },
    sound=lambda context: "refused" if context.memory.refused else "",
    busy=handlers.busy,
    wide=True,
)
