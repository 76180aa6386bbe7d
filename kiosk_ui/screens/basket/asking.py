"""What the basket asks the gateway, and what it remembers of the answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, Literal, TypeAlias

import msgspec

from device_drivers.contract.answers.basket import ScreenBasket
from kiosk_ui.gateway import Gateway, Refused, Unreachable
from kiosk_ui.places import Basket
from kiosk_ui.screen import Context, Step

AGAIN_S: Final = 2.0
"""How soon it is asked again: a phone may have taken it."""
Way = Literal["phone", "till", "move"]


class Memory(msgspec.Struct, frozen=True):
    """What the screen remembers."""

    answer: ScreenBasket | None = None
    """None until the gateway has answered."""
    away: bool = False
    """Its last answer did not come."""
    refused: str = ""
    """Why it said no, in a sentence."""
    asked_at: float = 0.0
    language: str = ""
    asking: bool = False
    doing: bool = False
    """Somebody waits for what they touched."""
    way: Way = "phone"


At: TypeAlias = Context[Basket, Memory]


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def busy(known: Memory) -> bool:
    """Somebody waits."""
    return known.doing


def loads(known: Memory) -> bool:
    """The gateway is asked."""
    return known.asking


def load(basket: At) -> Step[Memory]:
    """It was opened: its code is good for half an hour from now."""
    return _ask(basket, basket.memory, partial(_told, basket.gateway, "basket/code", {}))


def again(basket: At) -> Memory | Step[Memory]:
    """A second went by."""
    known = basket.memory
    if basket.covered or known.doing or known.asking:
        return known
    other = known.language != basket.language
    if not other and basket.at - known.asked_at < AGAIN_S:
        return known
    return _ask(basket, known, partial(_told, basket.gateway, "basket", None))


def change(basket: At, line: str, by: int) -> Step[Memory]:
    """One piece more or fewer: seen at once, then as the gateway has it."""
    known = basket.memory
    answer = known.answer or ScreenBasket()
    found = next((each for each in answer.lines if each.line == line), None)
    if found is None:
        return Step(known)
    wanted = max(0, found.quantity + by) if not found.alone else 0
    lines = tuple(
        msgspec.structs.replace(each, quantity=wanted) if each is found else each
        for each in answer.lines
        if each is not found or wanted
    )
    shown = msgspec.structs.replace(known, answer=msgspec.structs.replace(answer, lines=lines), doing=True)
    body = {"quantity": wanted, "request": str(uuid.uuid4())}
    return _ask(basket, shown, partial(_told, basket.gateway, f"basket/lines/{line}", body))


def go(basket: At, way: str) -> Step[Memory]:
    """Another way on was chosen."""
    ways: dict[str, Way] = {"phone": "phone", "till": "till", "move": "move"}
    return Step(msgspec.structs.replace(basket.memory, way=ways.get(way, "phone")))


def collect(basket: At, way: str) -> Step[Memory]:
    """What is not on the shelf is wanted another way: seen at once, then as the gateway has it."""
    known = basket.memory
    told = known.answer.collecting if known.answer else None
    if known.answer is None or told is None:
        return Step(known)
    ways = tuple(msgspec.structs.replace(each, chosen=each.way == way) for each in told.ways)
    seen = msgspec.structs.replace(known.answer, collecting=msgspec.structs.replace(told, ways=ways))
    shown = msgspec.structs.replace(known, answer=seen, doing=True)
    return _ask(basket, shown, partial(_told, basket.gateway, "basket/collect", {"way": way}))


def take(basket: At, found: ScreenBasket | Refused | Unreachable) -> Memory:
    """It answered, refused, or did not answer."""
    known = msgspec.structs.replace(basket.memory, asking=False, doing=False, refused="")
    if isinstance(found, Unreachable):
        return msgspec.structs.replace(known, away=True)
    if isinstance(found, Refused):
        return msgspec.structs.replace(known, refused=found.sentence, away=False)
    return msgspec.structs.replace(known, answer=found, away=False)


def _ask(basket: At, known: Memory, job: Any) -> Step[Memory]:
    asks = msgspec.structs.replace(known, asking=True, asked_at=basket.at, language=basket.language)
    return Step(asks, job)


def _told(gateway: Gateway, path: str, body: dict[str, Any] | None) -> Iterator[ScreenBasket | Refused | Unreachable]:
    try:
        found = gateway.get(path) if body is None else gateway.post(path, body)
        yield msgspec.convert(found, ScreenBasket)
    except Refused as refused:
        yield refused
    except (Unreachable, msgspec.ValidationError):
        yield Unreachable()
