"""What is entered on the pad, and what comes of it."""

from __future__ import annotations

from typing import Final, TypeAlias

from device_drivers.contract.answers.basket import ScreenBasket
from kiosk_ui.gateway import Refused, Unreachable
from kiosk_ui.places import Basket, Digits, Product
from kiosk_ui.screen import Asked, Context, Step

BASKET: Final = 4
"""Digits of a basket."""
SHORTEST: Final = 8
LONGEST: Final = 14
"""Digits under a barcode."""


class Memory(Asked, frozen=True):
    """What the pad remembers."""

    digits: str = ""
    problem: Refused | Unreachable | None = None
    """Why nothing came of it."""


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
    return context.ask("basket/take", ScreenBasket, {"digits": entry.digits}, Memory(entry.digits))


def on_result(context: DigitsContext, said: ScreenBasket | Refused | Unreachable) -> Memory | Step[Memory]:
    """The basket came here, or why it did not."""
    if isinstance(said, Refused | Unreachable):
        return Memory(problem=said)
    return Step(Memory(), open=Basket() if "basket" in context.shown else None)
