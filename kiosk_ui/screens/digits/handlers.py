"""What is entered on the pad, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final, TypeAlias

import msgspec

from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Basket, Digits, Product
from kiosk_ui.screen import Context, Step

BASKET: Final = 4
"""Digits of a basket."""
SHORTEST: Final = 8
LONGEST: Final = 14
"""Digits under a barcode."""


class Memory(msgspec.Struct, frozen=True):
    """What the pad remembers."""

    digits: str = ""
    asking: bool = False
    problem: Refused | Unreachable | None = None
    """Why nothing came of it."""


class BasketArrived(msgspec.Struct, frozen=True):
    """The basket is here."""


class BasketRefused(msgspec.Struct, frozen=True):
    """It is not."""

    why: Refused | Unreachable


DigitsContext: TypeAlias = Context[Digits, Memory]


def on_front(context: DigitsContext) -> Step[Memory]:
    """It is in front: whoever comes back to it begins anew."""
    return Step(context.memory if context.memory.problem else Memory())


def press(context: DigitsContext, key: str) -> Step[Memory]:
    """A digit, or `back`."""
    entry = context.memory
    if entry.asking:
        return Step(entry)
    return Step(Memory(entry.digits[:-1] if key == "back" else (entry.digits + key)[:LONGEST]))


def ready(entry: Memory) -> bool:
    """Whether so many digits are something."""
    return not entry.asking and (len(entry.digits) == BASKET or len(entry.digits) >= SHORTEST)


def submit(context: DigitsContext, _argument: str) -> Step[Memory]:
    """The main key: a basket comes here, or a product opens."""
    entry = context.memory
    if not ready(entry):
        return Step(entry)
    if len(entry.digits) != BASKET:
        return Step(entry, open=Product(entry.digits))
    return Step(Memory(entry.digits, asking=True), partial(_take, context.gateway, entry.digits))


def on_result(context: DigitsContext, said: BasketArrived | BasketRefused) -> Memory | Step[Memory]:
    """The gateway says whether the basket came."""
    if isinstance(said, BasketRefused):
        return Memory(problem=said.why)
    return Step(Memory(), open=Basket() if "basket" in context.shown else None)


def _take(gateway: Gateway, digits: str) -> Iterator[BasketArrived | BasketRefused]:
    try:
        gateway.post("basket/take", {"digits": digits})
        yield BasketArrived()
    except (Refused, Unreachable) as why:
        yield BasketRefused(why)
