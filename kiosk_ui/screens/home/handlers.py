"""What the home asks the gateway: which places there is something at, and what the basket comes to."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from kiosk_ui.gateway import Refused, Unreachable
from kiosk_ui.places import Home
from kiosk_ui.screen import Asked, Context, Step

REFRESH_S: Final = 15.0
"""How soon it is asked again."""


class BasketSummary(msgspec.Struct, frozen=True):
    """What this session put in."""

    pieces: int = 0
    total: int = 0
    """In the currency's minor unit."""


class HomeAnswer(msgspec.Struct, frozen=True):
    """What the gateway says."""

    places: frozenset[str] = frozenset()
    """Where there is something."""
    basket: BasketSummary = BasketSummary()
    currency: str = "CNY"
    free_doors: int = 0
    """Of all lockers."""


class Memory(Asked, frozen=True):
    """What the home knows."""

    answer: HomeAnswer = HomeAnswer()
    away: bool = False
    """Its last answer did not come."""
    answered_clock: str = ""
    """When it answered last, `10:29`."""


HomeContext: TypeAlias = Context[Home, Memory]


def start(_at: float) -> Memory:
    """Nothing is known."""
    return Memory()


def on_front(context: HomeContext) -> Step[Memory]:
    """Asks."""
    return context.ask("home", HomeAnswer)


def on_tick(context: HomeContext) -> Memory | Step[Memory]:
    """A second went by."""
    return on_front(context) if context.due(REFRESH_S) else context.memory


def on_result(context: HomeContext, found: HomeAnswer | Refused | Unreachable) -> Memory:
    """It answered, or did not."""
    known = msgspec.structs.replace(context.memory, asking=False)
    if isinstance(found, Refused | Unreachable):
        return msgspec.structs.replace(known, away=True)
    clock = f"{context.local:%H:%M}"
    return msgspec.structs.replace(known, answer=found, away=False, answered_clock=clock)
