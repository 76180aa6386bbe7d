"""How a decision is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

from edge.journal import Tx

P = ParamSpec("P")
T = TypeVar("T")


class Decide(Protocol):
    """`Gateway.decide`, for those who get nothing else of the gateway."""

    async def __call__(self, decision: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a decision. What it returns is durable; the commands of its facts are under way.

        Raises `Refusal`, `JournalHeldUp`, `JournalBroken`, `JournalClosed`.
        """


class Turn(Protocol):
    """What a request of a crowd has while it computes."""

    async def lend(self, written: Awaitable[T]) -> T:
        """Wait for a decision, and let others compute meanwhile."""


TURN: Final[ContextVar[Turn | None]] = ContextVar("turn", default=None)
"""Of the request that is worked on; none outside of one, and for whatever opens something."""
