"""The map: where am I, and the way to something."""

from __future__ import annotations

from kiosk_ui.places import Map
from kiosk_ui.screen import Screen, Step
from kiosk_ui.screens.map import asking
from kiosk_ui.screens.map.asking import At, Memory
from kiosk_ui.screens.map.view import view


def go(at: At, to: str) -> Step[Memory]:
    """The way to this place; back leads here again."""
    return Step(at.memory, open=Map(to))


SCREEN = Screen(
    message=Map,
    view=view,
    widget="kiosk_ui.screens.map.widget:MapScreen",
    layouts=("map.kv",),
    start=asking.start,
    on_front=asking.front,
    on_tick=asking.tick,
    on_result=asking.take,
    on_touch={"go": go, "wide": asking.turn_wide, "turn": asking.turn_page, "print": asking.print_slip},
    busy=asking.busy,
    loads=asking.loads,
    wide=True,
)
