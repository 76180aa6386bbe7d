"""What stands all day where nobody touches: what plays now, by the clock (`signage`)."""

from __future__ import annotations

import hashlib
from typing import Any

from device_drivers.contract import CouponWall, OnGlass
from kiosk_ui.screen import Context, Screen
from kiosk_ui.screens.attract import view as attract
from kiosk_ui.screens.attract.view import AttractView
from kiosk_ui.screens.wall import paging
from kiosk_ui.screens.wall import view as wall
from kiosk_ui.screens.wall.screen import leads_to
from words.languages import in_language


def plays_something(message: CouponWall) -> bool:
    """Whether the gateway says what plays; one of an earlier version sends a wall of offers alone."""
    return message.leased_until is not None


def view(context: Context[CouponWall, Any]) -> Any:
    """What plays, or the wall of offers."""
    return attract.view(context) if plays_something(context.message) else wall.view(context)


def on_glass(context: Context[CouponWall, Any]) -> OnGlass | None:
    """What of a playlist is seen now."""
    if not plays_something(context.message):
        return None
    play = attract.playing(context)
    media = getattr(play.item, "media", {})
    seen = in_language(media, context.language) if media else ""
    if not seen:
        said = attract.view(context).idea
        seen = hashlib.sha256(f"{said.headline}\0{said.note}".encode()).hexdigest()
    return OnGlass(
        playlist=play.playlist,
        item=play.item.id,
        content=seen,
        kind=str(play.item.__struct_config__.tag),
        owner=context.say(getattr(play.item, "brand", {})),
    )


SCREEN = Screen(
    message=CouponWall,
    view=view,
    widget="kiosk_ui.screens.wall.widget:WallScreen",
    layouts=("card.kv", "wall.kv"),
    widgets={AttractView: "kiosk_ui.screens.attract.widget:AttractScreen"},
    start=paging.start,
    on_touch={"turn": paging.turn},
    on_tick=paging.pass_time,
    on_glass=on_glass,
    leads_to=leads_to,
    wide=True,
)
