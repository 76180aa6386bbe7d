"""Whose turn it is: a crowd at the baskets is worked on a few at a time, so that an unlock does not wait behind it.

A server of one thread takes up every request at once and a piece of each in turn: what two hundred shoppers ask for
would stand between any two steps of an unlock. The hot routes need no turn.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

AT_ONCE: Final = 2
"""One computes while another waits for its row to be durable."""
LONGEST_S: Final = 0.1
"""Whoever waits for a lock, a bank or a printer longer than this keeps nobody else from their turn."""


class Turns:
    """At most `at_once` requests are worked on; the others wait in the order in which they came.

    A turn lasts until the answer begins: a stream of events keeps nobody waiting.
    """

    def __init__(self, at_once: int = AT_ONCE, longest_s: float = LONGEST_S) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._longest_s = longest_s

    async def take(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls the app when its turn has come."""
        await self._free.acquire()
        turn = _Turn(self._free)
        over = asyncio.get_running_loop().call_later(self._longest_s, turn.end)

        async def begun(message: Message) -> None:
            turn.end()
            await send(message)

        try:
            await app(scope, receive, begun)
        finally:
            over.cancel()
            turn.end()


class _Turn:
    """Given back once, whoever is first to do so."""

    __slots__ = ("_free",)

    def __init__(self, free: asyncio.Semaphore) -> None:
        self._free: asyncio.Semaphore | None = free

    def end(self) -> None:
        free, self._free = self._free, None
        if free is not None:
            free.release()
