"""The question whether somebody is still there, in front of everything; without an answer the screen is wiped.

What lies in their basket can be taken along: it keeps its code, which stands here.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from device_drivers.contract.answers.basket import ParkingCode, ScreenBasket
from kiosk_ui.gateway import Refused, Unreachable
from kiosk_ui.places import StillThere
from kiosk_ui.screen import Asked, Context, Screen, Step

HEARD_S: Final = (30, 10, 5)
"""Seconds left at which it is heard."""


class Memory(Asked, frozen=True):
    """What the question remembers."""

    code: ParkingCode = ParkingCode()


StillThereContext: TypeAlias = Context[StillThere, Memory]


class StillThereView(msgspec.Struct, frozen=True):
    """What is to be seen."""

    title: str
    note: str
    left: int
    """Seconds."""
    most: int
    """Of a full ring."""
    go_on: str
    end: str
    kept: str
    kept_note: str
    url: str
    digits: str
    """Empty where there is no basket to take along."""


def view(context: StillThereContext) -> StillThereView:
    """The whole sheet."""
    text, left = context.text, max(0, int(-(-(context.message.until - context.at) // 1)))
    code = context.memory.code
    return StillThereView(
        title=text("kiosk_home.still_there.title"),
        note=text("kiosk_home.still_there.note", seconds=left),
        left=left,
        most=int(context.message.lasts),
        go_on=text("kiosk_home.still_there.go_on"),
        end=text("kiosk_home.still_there.end"),
        kept=text("kiosk_home.still_there.kept") if code.digits else "",
        kept_note=text("kiosk_home.still_there.kept_note") if code.digits else "",
        url=code.url,
        digits=code.digits,
    )


def on_front(context: StillThereContext) -> Step[Memory]:
    """It is in front: asks for the basket's code. A member's own basket is on their phone, and stays off the glass."""
    if context.session.member or context.service is None or "basket" not in context.shown:
        return Step(context.memory)
    return context.ask("basket/code", ScreenBasket, {})


def on_result(_context: StillThereContext, kept: ScreenBasket | Refused | Unreachable) -> Memory:
    """The gateway said it; without an answer there is nothing to take along."""
    return Memory(kept.code) if isinstance(kept, ScreenBasket) and kept.pieces and kept.code else Memory()


def sound(context: StillThereContext) -> str:
    """Softly, and twice more while time runs out."""
    left = context.message.until - context.at
    return f"still/{sum(left <= seconds for seconds in HEARD_S)}"


def go_on(context: StillThereContext, _argument: str) -> Step[Memory]:
    """Somebody is there."""
    return Step(context.memory, more_time=True)


def end(context: StillThereContext, _argument: str) -> Step[Memory]:
    """They are done."""
    return Step(context.memory, end=True)


SCREEN = Screen(
    message=StillThere,
    view=view,
    widget="kiosk_ui.screens.still_there.widget:StillThereScreen",
    layouts=("still_there.kv",),
    start=lambda _at: Memory(),
    on_touch={"go_on": go_on, "end": end},
    on_front=on_front,
    on_result=on_result,
    sound=sound,
    wide=True,
)
