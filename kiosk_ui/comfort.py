"""What everybody may set for themselves: its words, and how it stands. No window in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from kiosk_ui.speech import VOLUMES
from kiosk_ui.texts import say

if TYPE_CHECKING:
    from kiosk_ui.screen import Context
    from kiosk_ui.session import Session

SWITCHES: Final = ("reach", "contrast", "left", "speech")
"""Fields of a session that are on or off."""


class Comfort(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the keys under what is low. A `WithControls` widget has it as `comfort`."""

    reach: str = ""
    size: str = ""
    speech: str = ""
    contrast: str = ""
    hand: str = ""
    louder: str = ""
    language: str = ""
    up: str = ""
    down: str = ""
    erase: str = ""
    more: str = ""
    fewer: str = ""
    turn_on: str = ""
    turn_back: str = ""
    low: bool = False
    large: bool = False
    double: bool = False
    speaks: bool = False
    dark: bool = False
    left: bool = False
    more_above: bool = False
    more_below: bool = False


def comfort(session: Session, *, more_above: bool, more_below: bool) -> Comfort:
    """How it stands for whoever is there."""

    def words(key: str) -> str:
        return say(session.language, f"access.{key}")

    return Comfort(
        reach=words("reach_off" if session.reach else "reach"),
        size=words("size"),
        speech=words("speech"),
        contrast=words("contrast"),
        hand=words("hand"),
        louder=words("louder"),
        language=words("language"),
        up=words("up"),
        down=words("down"),
        erase=words("erase"),
        more=words("more"),
        fewer=words("fewer"),
        turn_on=words("turn_on"),
        turn_back=words("turn_back"),
        low=session.reach,
        large=session.letters != "normal",
        double=session.double,
        speaks=session.speech,
        dark=session.contrast,
        left=session.left,
        more_above=more_above,
        more_below=more_below,
    )


def louder(step: int) -> int:
    """The next step of loudness; after the loudest comes the softest."""
    return (step + 1) % len(VOLUMES)


def whereabouts(context: Context[Any, Any]) -> tuple[str, str, str]:
    """The store, the zone and the time, in words."""
    told = context.backdrop if context.backdrop is not None else context.house
    store, zone = getattr(told, "store", None), getattr(told, "zone", None)
    name = store.name if store is not None else getattr(told, "name", {})
    here = say(context.language, "kiosk_home.here", zone=context.say(zone.name)) if zone is not None else ""
    return context.say(name), here, f"{context.local:%H:%M}"
