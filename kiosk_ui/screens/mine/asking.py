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

AGAIN_S: Final = 2.0
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


At: TypeAlias = Context[Mine, Memory]


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def loads(known: Memory) -> bool:
    """The gateway is asked."""
    return known.asking


def load(mine: At) -> Step[Memory]:
    """Asks."""
    known = msgspec.structs.replace(mine.memory, asking=True, asked_at=mine.at, language=mine.language)
    return Step(known, partial(_told, mine.gateway, "mine", None))


def again(mine: At) -> Memory | Step[Memory]:
    """A second went by. Its time over, nothing of theirs stays on the glass nor here."""
    known = mine.memory
    if known.until and mine.at >= known.until:
        return Step(
            Memory(answered=True, asked_at=mine.at, language=mine.language),
            partial(_told, mine.gateway, "mine/end", {}),
        )
    if mine.covered or known.asking:
        return known
    other = known.language != mine.language
    return load(mine) if other or (not known.until and mine.at - known.asked_at >= AGAIN_S) else known


def stay(mine: At, _argument: str) -> Step[Memory]:
    """They want to look for longer."""
    known = msgspec.structs.replace(mine.memory, asking=True, asked_at=mine.at)
    return Step(known, partial(_stayed, mine.gateway))


def end(mine: At, _argument: str) -> Step[Memory]:
    """They are done."""
    return Step(
        Memory(answered=True, asking=True, asked_at=mine.at), partial(_told, mine.gateway, "mine/end", {}), home=True
    )


def look(mine: At, coupon: str) -> Step[Memory]:
    """A coupon of theirs that this zone offers."""
    here = {each.id for each in getattr(mine.backdrop, "coupons", ())}
    return Step(mine.memory, open=Coupon(coupon) if coupon in here else None)


def take(mine: At, found: ScreenMember | Unreachable) -> Memory:
    """It answered, or did not."""
    known = msgspec.structs.replace(mine.memory, asking=False)
    if isinstance(found, Unreachable):
        return msgspec.structs.replace(known, away=True)
    until = mine.at + found.left_s if found.left_s else 0.0
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
