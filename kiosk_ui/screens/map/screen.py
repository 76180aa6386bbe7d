"""The map: where am I, and the way to something."""

from __future__ import annotations

from kiosk_ui.places import Map
from kiosk_ui.screen import Screen, Step
from kiosk_ui.screens.map import handlers
from kiosk_ui.screens.map.handlers import MapContext, Memory
from kiosk_ui.screens.map.view import view


def go(context: MapContext, to: str) -> Step[Memory]:
    """The way to this place; back leads here again."""
    return Step(context.memory, open=Map(to))


SCREEN = Screen(
    message=Map,
    view=view,
    widget="kiosk_ui.screens.map.widget:MapScreen",
    layouts=("map.kv",),
    start=handlers.start,
    on_front=handlers.on_front,
    on_tick=handlers.on_tick,
    on_result=handlers.on_result,
    on_touch={"go": go, "wide": handlers.turn_wide, "turn": handlers.turn_page, "print": handlers.print_slip},
    busy=handlers.busy,
    wide=True,
)
