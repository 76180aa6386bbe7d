"""Whose turn it is: a crowd at the baskets is worked on a few at a time, so that an unlock does not wait behind it.

A server of one thread that takes up every request at once and a piece of each in turn: what two hundred shoppers ask
for would stand between any two steps of an unlock. What somebody waits for with a hand at a lock needs no turn, and
while it is under way nobody else's begins.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from edge.gateway.bounds import network_of
from edge.web.server.connections import REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

AT_ONCE: Final = 2
"""One computes while another waits for its row to be durable."""
LONGEST_S: Final = 0.1
"""Whoever waits for a lock, a bank or a printer longer than this keeps nobody else from their turn."""
GIVES_WAY_S: Final = 0.005
"""So long a turn waits at most for what is prompt: however many unlocks there are, the crowd goes on."""

_MARK: Final = "__prompt__"

Endpoint = TypeVar("Endpoint", bound="Callable[..., Any]")


def prompt(endpoint: Endpoint) -> Endpoint:
    """Declares that a route's function needs no turn: it opens something, or says whether the store is well."""
    setattr(endpoint, _MARK, True)
    return endpoint


def is_prompt(endpoint: Any) -> bool:
    """Whether a route's function was declared so."""
    return getattr(endpoint, _MARK, False)


class FairQueue:
    """At most `at_once` requests are worked on; the others wait, those of one phone in the order in which they came.

    A turn lasts until the answer begins: a stream of events keeps nobody waiting.
    """

    def __init__(self, at_once: int = AT_ONCE, longest_s: float = LONGEST_S, gives_way_s: float = GIVES_WAY_S) -> None:
        self.free = _FairSemaphore(at_once)
        """The turns that nobody has."""
        self._longest_s = longest_s
        self._gives_way_s = gives_way_s
        self.prompt = _Prompt()
        """Entered while something that needs no turn is under way."""

    async def take(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls the app when its turn has come. A request whose body is slow to come, or never comes, has none yet."""
        receive = receive if REFUSED in scope else await _whole(receive)
        client = scope.get("client")
        await self.free.acquire(network_of(client[0]) if client else "")
        turn = _Turn(self.free)
        try:
            await self._give_way()
            over = asyncio.get_running_loop().call_later(self._longest_s, turn.end)

            async def begun(message: Message) -> None:
                turn.end()
                await send(message)

            try:
                await app(scope, receive, begun)
            finally:
                over.cancel()
        finally:
            turn.end()

    async def _give_way(self) -> None:
        if self.prompt.under_way:
            calm = self.prompt.calm
            waiting = asyncio.get_running_loop().call_later(self._gives_way_s, calm.set)
            await calm.wait()
            waiting.cancel()


async def _whole(receive: Receive) -> Receive:
    """The same messages, once all that belong to the request are there. The listener has bounded size and time."""
    come = [await receive()]
    while come[-1].get("more_body", False):
        come.append(await receive())
    come.reverse()

    async def again() -> Message:
        return come.pop() if come else await receive()

    return again


class _Prompt(AbstractContextManager[None]):
    """Entered and left by each that needs no turn. Not a generator: this stands in the way of every unlock."""

    def __init__(self) -> None:
        self.under_way = 0
        """How many there are."""
        self.calm = asyncio.Event()
        """Set when the last of them has ended."""

    def __enter__(self) -> None:
        self.under_way += 1
        self.calm.clear()

    def __exit__(self, *_: object) -> None:
        self.under_way -= 1
        if not self.under_way:
            self.calm.set()


class _FairSemaphore:
    """So many turns; where none is left, each network that waits is given one after the other. A script that asks for
    hundreds of pages at once keeps everybody else waiting for one of them.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        """By network; the one that has waited longest stands first."""

    async def acquire(self, network: str = "") -> None:
        """Take one, as soon as it is this network's."""
        if self._count:
            self._count -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(network, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was given just now
                self.release()
            raise

    def release(self) -> None:
        """Give one back."""
        while self._waiting:
            network = next(iter(self._waiting))
            mine = self._waiting.pop(network)
            turn = mine.popleft()
            if mine:
                self._waiting[network] = mine
            if not turn.done():  # whoever waited may have left
                turn.set_result(None)
                return
        self._count += 1


class _Turn:
    """Given back once, whoever is first to do so."""

    __slots__ = ("_free",)

    def __init__(self, free: _FairSemaphore) -> None:
        self._free: _FairSemaphore | None = free

    def end(self) -> None:
        free, self._free = self._free, None
        if free is not None:
            free.release()
