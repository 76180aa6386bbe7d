"""A member's things, for the session in which their code was shown. They close by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec

from device_drivers.contract.answers.member import ScreenMember
from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Coupon, Mine
from kiosk_ui.screen import Context, Step

REFRESH_S: Final = 2.0
"""How soon it is asked whether a code was shown."""


class Memory(msgspec.Struct, frozen=True):
    """What the screen remembers."""

    answer: ScreenMember = ScreenMember()
    """Empty, and without time, until a code was shown."""
    until: float = 0.0
    """When it closes, by the monotonic clock."""
    away: bool = False
    answered: bool = False
    asked_at: float = 0.0
    asking: bool = False
    language: str = ""


MineContext: TypeAlias = Context[Mine, Memory]


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def loads(known: Memory) -> bool:
    """The gateway is asked."""
    return known.asking


def on_front(context: MineContext) -> Step[Memory]:
    """Asks."""
    known = msgspec.structs.replace(context.memory, asking=True, asked_at=context.at, language=context.language)
    return Step(known, partial(_told, context.gateway, "mine", None))


def on_tick(context: MineContext) -> Memory | Step[Memory]:
    """A second went by. Its time over, nothing of theirs stays on the glass nor here."""
    known = context.memory
    if known.until and context.at >= known.until:
        return Step(
            Memory(answered=True, asked_at=context.at, language=context.language),
            partial(_told, context.gateway, "mine/end", {}),
        )
    if context.covered or known.asking:
        return known
    other = known.language != context.language
    return on_front(context) if other or (not known.until and context.at - known.asked_at >= REFRESH_S) else known


def stay(context: MineContext, _argument: str) -> Step[Memory]:
    """They want to look for longer."""
    known = msgspec.structs.replace(context.memory, asking=True, asked_at=context.at)
    return Step(known, partial(_stayed, context.gateway))


def end(context: MineContext, _argument: str) -> Step[Memory]:
    """They are done."""
    return Step(
        Memory(answered=True, asking=True, asked_at=context.at),
        partial(_told, context.gateway, "mine/end", {}),
        home=True,
    )


def open_coupon(context: MineContext, coupon: str) -> Step[Memory]:
    """A coupon of theirs that this zone offers."""
    here = {each.id for each in getattr(context.backdrop, "coupons", ())}
    return Step(context.memory, open=Coupon(coupon) if coupon in here else None)


def on_result(context: MineContext, found: ScreenMember | Unreachable) -> Memory:
    """It answered, or did not."""
    known = msgspec.structs.replace(context.memory, asking=False)
    if isinstance(found, Unreachable):
        return msgspec.structs.replace(known, away=True)
    until = context.at + found.left_s if found.left_s else 0.0
    theirs = found if until else ScreenMember()
    return msgspec.structs.replace(known, answer=theirs, until=until, away=False, answered=True)


def _stayed(gateway: Gateway) -> Iterator[ScreenMember | Unreachable]:
    try:
        gateway.post("mine/stay")
    except (Unreachable, Refused):
        yield Unreachable()
        return
    yield from _told(gateway, "mine", None)


def _told(gateway: Gateway, path: str, body: dict[str, Any] | None) -> Iterator[ScreenMember | Unreachable]:
    try:
        found = gateway.get(path) if body is None else gateway.post(path, body)
        yield msgspec.convert(found or {}, ScreenMember)
    except (Unreachable, Refused, msgspec.ValidationError):
        yield Unreachable()
