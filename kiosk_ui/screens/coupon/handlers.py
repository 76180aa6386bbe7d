"""What the coupon asks the gateway. Until it answers, and without it, the wall's own word stands."""

from __future__ import annotations

import uuid
from typing import Final, TypeAlias

import msgspec

from device_drivers.contract.answers.coupon import ScreenCoupon
from kiosk_ui.gateway import REFUSED_S, Refused, Unreachable
from kiosk_ui.places import Coupon, Map
from kiosk_ui.screen import Asked, Context, Step

REFRESH_S: Final = 15.0
"""How soon it is asked again, where its code does not end before."""


class Memory(Asked, frozen=True):
    """What the screen remembers."""

    answer: ScreenCoupon | None = None
    away: bool = False
    refused: Refused | None = None
    """Why it said no; to what was touched for as long as it takes to read."""
    refused_at: float = 0.0
    said: str = ""
    """What came of a touch: saved, or on its way to the printer."""
    doing: str = ""


CouponContext: TypeAlias = Context[Coupon, Memory]


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def busy(known: Memory) -> bool:
    """Somebody waits for what they touched."""
    return bool(known.doing)


def on_front(context: CouponContext) -> Step[Memory]:
    """Asks."""
    return context.ask(f"coupons/{context.message.id}", ScreenCoupon)


def on_tick(context: CouponContext) -> Memory | Step[Memory]:
    """A second went by: its code ends, or the language is another."""
    known = context.memory
    over = known.answer is not None and context.now.timestamp() * 1000 >= known.answer.until_ms
    return on_front(context) if context.due(1 if over else REFRESH_S) else known


def save(context: CouponContext, _argument: str) -> Step[Memory]:
    """Whoever showed their code here wants it."""
    return _do(context, "claim")


def print_slip(context: CouponContext, _argument: str) -> Step[Memory]:
    """It is wanted on paper."""
    return _do(context, "print")


def show_way(context: CouponContext, _argument: str) -> Step[Memory]:
    """The way to the shelf."""
    answer = context.memory.answer
    return Step(context.memory, open=Map(answer.gtin if answer else ""))


def on_result(context: CouponContext, found: ScreenCoupon | Refused | Unreachable) -> Memory:
    """It answered, refused, or did not answer."""
    before = context.memory
    read = before.doing or context.at - before.refused_at >= REFUSED_S
    refused = None if read else before.refused
    known = msgspec.structs.replace(before, asking=False, doing="")
    if isinstance(found, Unreachable):
        return msgspec.structs.replace(known, away=True)
    if isinstance(found, Refused):
        return msgspec.structs.replace(known, refused=found, refused_at=context.at, away=False)
    said = before.doing or before.said
    return msgspec.structs.replace(known, answer=found, away=False, refused=refused, said=said)


def _do(context: CouponContext, what: str) -> Step[Memory]:
    """Once: a second touch before the answer is none."""
    if context.memory.doing:
        return Step(context.memory)
    waits = msgspec.structs.replace(context.memory, doing=what, said="")
    path, body = f"coupons/{context.message.id}/{what}", {"request": str(uuid.uuid4())}
    return context.ask(path, ScreenCoupon, body, waits)
