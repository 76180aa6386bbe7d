"""Whose turn it is: a crowd at the baskets is worked on one at a time, so that an unlock does not wait behind it.

A server of one thread that takes up every request at once and a piece of each in turn: what two hundred shoppers ask
for would stand between any two steps of an unlock. What somebody waits for with a hand at a lock needs no turn, and
while it is under way nobody else's begins, or goes on after a decision: an unlock meets one piece of work at most.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from edge.gateway.bounds import network_of
from edge.gateway.decide import TURN
from edge.web.server.connections import REFUSED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

AT_ONCE: Final = 2
"""One computes while another waits for its decision to be durable."""
LONGEST_S: Final = 0.1
"""Whoever waits for a lock, a bank or a printer longer than this keeps nobody else from their turn."""
GIVES_WAY_S: Final = 0.05
"""So long from its beginning what is prompt keeps turns from beginning: a lock that moves for a second holds up nobody,
and however many unlocks there are, the crowd goes on."""

_MARK: Final = "__prompt__"

Endpoint = TypeVar("Endpoint", bound="Callable[..., Any]")
T = TypeVar("T")


def prompt(endpoint: Endpoint) -> Endpoint:
    """Declares that a route's function needs no turn: it opens something, or says whether the store is well."""
    setattr(endpoint, _MARK, True)
    return endpoint


def is_prompt(endpoint: Any) -> bool:
    """Whether a route's function was declared so."""
    return getattr(endpoint, _MARK, False)


class FairQueue:
    """At most `at_once` requests are worked on, and one of them computes. The others wait, those of one phone in the
    order in which they came.

    A turn lasts until the answer begins: a stream of events keeps nobody waiting.
    """

    def __init__(self, at_once: int = AT_ONCE, longest_s: float = LONGEST_S, gives_way_s: float = GIVES_WAY_S) -> None:
        self.free = _FairSemaphore(at_once)
        """The turns that nobody has."""
        self.processor = asyncio.Lock()
        """Held by the one that computes."""
        self.longest_s = longest_s
        self._gives_way_s = gives_way_s
        self.prompt = _Prompt()
        """Entered while something that needs no turn is under way."""

    async def take(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls the app when its turn has come. A request whose body is slow to come, or never comes, has none yet."""
        receive = receive if REFUSED in scope else await _receive_all(receive)
        client = scope.get("client")
        turn = _Turn(self)
        try:
            await turn.begin(network_of(client[0]) if client else "")
            TURN.set(turn)

            async def begun(message: Message) -> None:
                turn.end()
                await send(message)

            await app(scope, receive, begun)
        finally:
            turn.end()

    async def give_way(self) -> None:
        """Wait while something prompt is under way, but not for one that has been so for long."""
        left = self.prompt.since + self._gives_way_s - time.monotonic()
        if self.prompt.under_way and left > 0:
            calm = self.prompt.calm
            waiting = asyncio.get_running_loop().call_later(left, calm.set)
            await calm.wait()
            waiting.cancel()


async def _receive_all(receive: Receive) -> Receive:
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
        self.since = 0.0
        """When the newest of them began, by the monotonic clock."""
        self.calm = asyncio.Event()
        """Set when the last of them has ended."""

    def __enter__(self) -> None:
        self.under_way += 1
        self.since = time.monotonic()
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
    """One request's: whoever is first to end it ends it once."""

    __slots__ = ("_computes", "_ended", "_limit", "_queue")

    def __init__(self, queue: FairQueue) -> None:
        self._queue = queue
        self._ended = True
        """Or not begun."""
        self._computes = False
        self._limit: asyncio.TimerHandle | None = None

    async def begin(self, network: str) -> None:
        """Returns when it has come."""
        await self._queue.free.acquire(network)
        self._ended = False
        await self._compute()

    async def lend(self, written: Awaitable[T]) -> T:
        """Wait for a decision, and let others compute meanwhile. Who is refused has but a sentence to say."""
        if self._ended:
            return await written
        self._rest()
        self._end_later()
        result = await written
        if not self._ended:
            await self._compute()
        return result

    def end(self) -> None:
        """Another begins."""
        self._stop_limit()
        self._rest()
        if not self._ended:
            self._ended = True
            self._queue.free.release()

    async def _compute(self) -> None:
        """Returns when nobody else does, and nothing prompt is under way."""
        self._stop_limit()
        await self._queue.processor.acquire()
        self._computes = True
        await self._queue.give_way()
        self._end_later()
        # Whatever it waits for: the loop turns when it does, and somebody else computes.
        asyncio.get_running_loop().call_soon(self._rest)

    def _rest(self) -> None:
        if self._computes:
            self._computes = False
            self._queue.processor.release()

    def _stop_limit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()

    def _end_later(self) -> None:
        self._stop_limit()
        self._limit = asyncio.get_running_loop().call_later(self._queue.longest_s, self.end)
