"""What the map asks the gateway: the floor, the way, and a slip of it."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from kiosk_ui.gateway import Refused, Unreachable
from kiosk_ui.places import Map
from kiosk_ui.screen import Asked, Context, Step
from kiosk_ui.screens.map.answer import MapAnswer
from words.languages import Words

RETRY_S: Final = 10.0
"""How soon a gateway that did not answer is asked again."""

Slip = Literal["", "asked", "printing", "refused"]


class Memory(Asked, frozen=True):
    """What the map knows."""

    answer: MapAnswer | None = None
    wide: bool = False
    """The way was asked for a wheelchair."""
    chosen: bool = False
    """Somebody touched the key for it; otherwise it follows the reach mode."""
    lost: bool = False
    """The gateway did not answer."""
    page: int = 0
    """Of the places, or of the lines of the way."""
    slip: Slip = ""
    said: Words | Refused | Unreachable = msgspec.field(default_factory=dict)
    """Which printer, or why not."""


class SlipOrdered(msgspec.Struct, frozen=True):
    """A slip is on its way."""

    printer: Words


MapContext: TypeAlias = Context[Map, Memory]


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def busy(known: Memory) -> bool:
    """Somebody waits for paper."""
    return known.slip == "asked"


def fetch(context: MapContext) -> Step[Memory]:
    """Asks for the floor and the way."""
    known = context.memory
    wide = known.wide if known.chosen else context.reach
    asked = msgspec.structs.replace(known, wide=wide)
    return context.ask("map", MapAnswer, memory=asked, to=context.message.to or None, wide="1" if wide else None)


def on_front(context: MapContext) -> Step[Memory]:
    """It was opened, or what stood before it was left."""
    return fetch(context) if context.memory.answer is None and not context.memory.asking else Step(context.memory)


def on_tick(context: MapContext) -> Memory | Step[Memory]:
    """A second went by: who switched the low keys on gets a wide way, and a gateway that was away is asked again."""
    known = context.memory
    if context.covered or busy(known) or known.asking:
        return known
    follows = not known.chosen and known.wide != context.reach
    due = (known.answer is None or known.lost) and context.at - known.asked_at >= RETRY_S
    return fetch(context) if follows or due else known


def turn_wide(context: MapContext, _: str) -> Step[Memory]:
    """The key for a way with room for a wheelchair."""
    known = msgspec.structs.replace(context.memory, wide=not context.memory.wide, chosen=True, slip="", page=0)
    return fetch(msgspec.structs.replace(context, memory=known))


def turn_page(context: MapContext, by: str) -> Step[Memory]:
    """More places, or more lines of the way."""
    return Step(msgspec.structs.replace(context.memory, page=max(0, context.memory.page + int(by))))


def print_slip(context: MapContext, _: str) -> Step[Memory]:
    """The way on paper; a second touch prints nothing more, nor one while another way is asked for."""
    known = context.memory
    if known.answer is None or known.answer.way is None or known.asking or known.slip in ("asked", "printing"):
        return Step(known)
    asked = msgspec.structs.replace(known, slip="asked", said={})
    body = {"to": context.message.to, "wide": known.answer.way.wide}
    return Step(asked, context.gateway.job("map/slip", SlipOrdered, body))


def on_result(context: MapContext, found: MapAnswer | SlipOrdered | Refused | Unreachable) -> Memory:
    """It answered, or did not."""
    known = context.memory
    if isinstance(found, MapAnswer):
        return msgspec.structs.replace(known, answer=found, asking=False, lost=False, page=0)
    if isinstance(found, SlipOrdered):
        return msgspec.structs.replace(known, slip="printing", said=found.printer)
    if known.slip == "asked":
        return msgspec.structs.replace(known, slip="refused", said=found)
    return msgspec.structs.replace(known, asking=False, lost=True)
