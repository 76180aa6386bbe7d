"""The basket of whoever stands here: what lies in it, what it costs and why, and three ways on."""

from __future__ import annotations

from kiosk_ui.places import Basket
from kiosk_ui.screen import Screen, Step
from kiosk_ui.screens.basket import asking
from kiosk_ui.screens.basket.view import view


def _done(basket: asking.At, _argument: str) -> Step[asking.Memory]:
    return Step(basket.memory, end=True)


SCREEN = Screen(
    message=Basket,
    view=view,
    widget="kiosk_ui.screens.basket.widget:BasketScreen",
    layouts=("basket.kv",),
    start=asking.start,
    on_front=asking.load,
    on_tick=asking.again,
    on_result=asking.take,
    on_touch={
        "more": lambda basket, line: asking.change(basket, line, 1),
        "less": lambda basket, line: asking.change(basket, line, -1),
        "way": asking.go,
        "collect": asking.collect,
        "done": _done,
    },
    sound=lambda basket: "refused" if basket.memory.refused else "",
    busy=asking.busy,
    loads=asking.loads,
    wide=True,
)
