"""What the basket asks the gateway, and what it remembers of the answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, Final, Literal, TypeAlias

import msgspec

from device_drivers.contract.answers.basket import ScreenBasket
from kiosk_ui.gateway import REFUSED_S, Refused, Unreachable, results
from kiosk_ui.places import Basket
from kiosk_ui.screen import Asked, Context, Job, Step

REFRESH_S: Final = 2.0
"""How soon it is asked again: a phone may have taken it."""
Way = Literal["phone", "till", "move"]


class Memory(Asked, frozen=True):
    """What the screen remembers."""

    answer: ScreenBasket | None = None
    """None until the gateway has answered."""
    away: bool = False
    """Its last answer did not come."""
    refused: Refused | None = None
    """Why it said no to what was touched, for as long as it takes to read."""
    refused_at: float = 0.0
    doing: bool = False
    """Somebody waits for what they touched."""
    told: Future[bool] | None = None
    """The latest of that: whether the gateway answered, once it is known."""
    way: Way = "phone"


BasketContext: TypeAlias = Context[Basket, Memory]


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def busy(known: Memory) -> bool:
    """Somebody waits."""
    return known.doing


def on_front(context: BasketContext) -> Step[Memory]:
    """It was opened: its code is good for half an hour from now."""
    return context.ask("basket/code", ScreenBasket, {})


def on_tick(context: BasketContext) -> Memory | Step[Memory]:
    """A second went by."""
    return context.ask("basket", ScreenBasket) if context.due(REFRESH_S) else context.memory


def change_quantity(context: BasketContext, line: str, by: int) -> Step[Memory]:
    """One piece more or fewer: seen at once, then as the gateway has it."""
    known = context.memory
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
    seen = msgspec.structs.replace(answer, lines=lines)
    return _do(context, seen, f"basket/lines/{line}", {"quantity": wanted, "request": str(uuid.uuid4())})


def choose_way(context: BasketContext, way: str) -> Step[Memory]:
    """Another way on was chosen."""
    ways: dict[str, Way] = {"phone": "phone", "till": "till", "move": "move"}
    return Step(msgspec.structs.replace(context.memory, way=ways.get(way, "phone")))


def choose_collecting(context: BasketContext, way: str) -> Step[Memory]:
    """What is not on the shelf is wanted another way: seen at once, then as the gateway has it."""
    known = context.memory
    told = known.answer.collecting if known.answer else None
    if known.answer is None or told is None:
        return Step(known)
    ways = tuple(msgspec.structs.replace(each, chosen=each.way == way) for each in told.ways)
    seen = msgspec.structs.replace(known.answer, collecting=msgspec.structs.replace(told, ways=ways))
    return _do(context, seen, "basket/collect", {"way": way})


def on_result(context: BasketContext, found: ScreenBasket | Refused | Unreachable) -> Memory:
    """It answered, refused, or did not answer."""
    before = context.memory
    read = before.doing or context.at - before.refused_at >= REFUSED_S
    refused = None if read else before.refused
    known = msgspec.structs.replace(before, asking=False, doing=False, told=None, refused=refused)
    if isinstance(found, Unreachable):
        return msgspec.structs.replace(known, away=True)
    if isinstance(found, Refused):
        return msgspec.structs.replace(known, refused=found, refused_at=context.at, away=False)
    return msgspec.structs.replace(known, answer=found, away=False)


def _do(context: BasketContext, seen: ScreenBasket, path: str, body: dict[str, Any]) -> Step[Memory]:
    """Shows what will be, and tells the gateway once it has heard what was touched before."""
    known, told = context.memory, Future[bool]()
    shown = msgspec.structs.replace(known, answer=seen, doing=True, told=told)
    return context.begin(_after(known.told, told, context.gateway.job(path, ScreenBasket, body)), shown)


def _after(earlier: Future[bool] | None, told: Future[bool], job: Job) -> Job:
    """Two quick touches arrive one after the other; where nobody answers the first, the second does not try either."""

    def after() -> Iterator[ScreenBasket | Refused | Unreachable]:
        answered = False
        try:
            found = next(results(job)) if earlier is None or earlier.result() else Unreachable()
            answered = not isinstance(found, Unreachable)
        finally:
            told.set_result(answered)
        yield found

    return after
