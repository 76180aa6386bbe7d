"""A member's things, for the session in which their code was shown. They close by themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Final, TypeAlias

import msgspec

from device_drivers.contract.answers.member import ScreenMember
from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Coupon, Mine
from kiosk_ui.screen import Asked, Context, Step

REFRESH_S: Final = 2.0
"""How soon it is asked whether a code was shown."""


class Memory(Asked, frozen=True):
    """What the screen remembers."""

    answer: ScreenMember = ScreenMember()
    """Empty, and without time, until a code was shown."""
    until: float = 0.0
    """When it closes, by the monotonic clock."""
    away: bool = False
    answered: bool = False


MineContext: TypeAlias = Context[Mine, Memory]


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def on_front(context: MineContext) -> Step[Memory]:
    """Asks."""
    return context.ask("mine", ScreenMember)


def on_tick(context: MineContext) -> Memory | Step[Memory]:
    """A second went by. Its time over, nothing of theirs stays on the glass nor here."""
    known = context.memory
    if known.until and context.at >= known.until:
        return _close(context)
    return on_front(context) if context.due(math.inf if known.until else REFRESH_S) else known


def stay(context: MineContext, _argument: str) -> Step[Memory]:
    """They want to look for longer."""
    return context.begin(partial(_stay, context.gateway))


def end(context: MineContext, _argument: str) -> Step[Memory]:
    """They are done."""
    return msgspec.structs.replace(_close(context), home=True)


def open_coupon(context: MineContext, coupon: str) -> Step[Memory]:
    """A coupon of theirs that this zone offers."""
    here = {each.id for each in getattr(context.backdrop, "coupons", ())}
    return Step(context.memory, open=Coupon(coupon) if coupon in here else None)


def on_result(context: MineContext, found: ScreenMember | Refused | Unreachable) -> Memory:
    """It answered, or did not."""
    known = msgspec.structs.replace(context.memory, asking=False)
    if isinstance(found, Refused | Unreachable):
        return msgspec.structs.replace(known, away=True)
    until = context.at + found.left_s if found.left_s else 0.0
    theirs = found if until else ScreenMember()
    return msgspec.structs.replace(known, answer=theirs, until=until, away=False, answered=True)


def _close(context: MineContext) -> Step[Memory]:
    return context.ask("mine/end", ScreenMember, {}, Memory(answered=True))


def _stay(gateway: Gateway) -> Iterator[ScreenMember]:
    gateway.post("mine/stay")
    yield gateway.get("mine", ScreenMember)
