"""Every offer of the zone, leafed through as on the wall."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from kiosk_ui.places import Offers
from kiosk_ui.screen import Context, Screen, Step
from kiosk_ui.screens.wall import paging
from kiosk_ui.screens.wall import view as wall

At: TypeAlias = Context[Offers, paging.Paging]


def _as_wall(offers: At) -> Any:
    return msgspec.structs.replace(offers, message=offers.backdrop)


def view(offers: At) -> wall.WallView:
    """The whole screen."""
    return wall.view(_as_wall(offers))


def turn(offers: At, step: str) -> Step[paging.Paging]:
    """A paging arrow was touched."""
    return paging.turn(_as_wall(offers), step)


SCREEN = Screen(
    message=Offers,
    view=view,
    widget="kiosk_ui.screens.offers:OffersScreen",
    layouts=("offers.kv",),
    start=paging.start,
    on_touch={"turn": turn},
)
