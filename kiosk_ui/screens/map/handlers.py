"""What the map asks the gateway: the floor, the way, and a slip of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final, Literal, TypeAlias

import msgspec

from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Map
from kiosk_ui.screen import Context, Step
from kiosk_ui.screens.map.answer import MapAnswer
from words.languages import Words

RETRY_S: Final = 10.0
"""How soon a gateway that did not answer is asked again."""

Slip = Literal["", "asked", "printing", "refused"]


class Memory(msgspec.Struct, frozen=True):
    """What the map knows."""

    answer: MapAnswer | None = None
    wide: bool = False
    """The way was asked for a wheelchair."""
    chosen: bool = False
    """Somebody touched the key for it; otherwise it follows the reach mode."""
    asking: bool = False
    lost: bool = False
    """The gateway did not answer."""
    asked_at: float = 0.0
    page: int = 0
    """Of the places, or of the lines of the way."""
    slip: Slip = ""
    said: Words | Refused | Unreachable = {}
    """Which printer, or why not."""


class SlipState(msgspec.Struct, frozen=True):
    """A slip is on its way, or is not."""

    printer: Words = {}
    why: Refused | Unreachable | None = None


MapContext: TypeAlias = Context[Map, Memory]


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def busy(known: Memory) -> bool:
    """Somebody waits for paper."""
    return known.slip == "asked"


def loads(known: Memory) -> bool:
    """The gateway is asked for the floor."""
    return known.asking


def fetch(context: MapContext) -> Step[Memory]:
    """Asks for the floor and the way."""
    known = context.memory
    wide = known.wide if known.chosen else context.reach
    asked = msgspec.structs.replace(known, wide=wide, asking=True, asked_at=context.at)
    return Step(asked, partial(_ask, context.gateway, context.message.to, wide))


def on_front(context: MapContext) -> Step[Memory]:
    """It was opened, or what stood before it was left."""
    return fetch(context) if context.memory.answer is None and not context.memory.asking else Step(context.memory)


def on_tick(context: MapContext) -> Memory | Step[Memory]:
    """A second went by: who switched the low keys on gets a wide way, and a gateway that was away is asked again."""
    known = context.memory
    if context.covered or busy(known) or loads(known):
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
    return Step(asked, partial(_print, context.gateway, context.message.to, known.answer.way.wide))


def on_result(context: MapContext, found: MapAnswer | SlipState | Unreachable) -> Memory:
    """It answered, or did not."""
    known = context.memory
    if isinstance(found, SlipState):
        slip: Slip = "refused" if found.why else "printing"
        return msgspec.structs.replace(known, slip=slip, said=found.why or found.printer)
    if isinstance(found, MapAnswer):
        return msgspec.structs.replace(known, answer=found, asking=False, lost=False, page=0)
    return msgspec.structs.replace(known, asking=False, lost=True)


def _ask(gateway: Gateway, to: str, wide: bool) -> Iterator[MapAnswer | Unreachable]:
    try:
        yield msgspec.convert(gateway.get("map", to=to or None, wide="1" if wide else None), MapAnswer)
    except (Unreachable, Refused, msgspec.ValidationError):
        yield Unreachable()


def _print(gateway: Gateway, to: str, wide: bool) -> Iterator[SlipState]:
    try:
        answered = gateway.post("map/slip", {"to": to, "wide": wide})
        yield SlipState(printer=dict(answered["printer"]))
    except Refused as refused:
        yield SlipState(why=refused)
    except (Unreachable, TypeError, KeyError, ValueError):
        yield SlipState(why=Unreachable())
