"""How a decision is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from edge.journal import Tx

P = ParamSpec("P")
T = TypeVar("T")


class Decide(Protocol):
    """`Gateway.decide`, for those who get nothing else of the gateway."""

    async def __call__(self, decision: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a decision. What it returns is durable; the commands of its facts are under way.

        Raises `Refusal`, `JournalHeldUp`, `JournalBroken`, `JournalClosed`.
        """
