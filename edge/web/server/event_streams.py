"""Server-sent events: the full state each time, so that a reader who missed some needs no history."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PING_SECONDS: Final = 15.0
RETRY_MS: Final = 2000
LONGEST_S: Final = 600.0
"""A stream ends after this; the browser asks again by itself, and with what it may see by then."""

HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event(state: Any, number: int) -> bytes:
    """One event of a stream: its number, and the state as one line of JSON."""
    return b"id: %d\ndata: %b\n\n" % (number, msgspec.json.encode(state))


def stream(states: AsyncIterator[Any]) -> StreamingResponse:
    """Each state as an event, a comment in quiet times. It ends with `states`, or when the reader leaves."""
    return StreamingResponse(_lines(states), 200, HEADERS, "text/event-stream")


async def _lines(states: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MS
    number = 0
    until = time.monotonic() + LONGEST_S
    coming = asyncio.ensure_future(anext(states))
    try:
        while time.monotonic() < until:
            done, _ = await asyncio.wait((coming,), timeout=PING_SECONDS)
            if not done:
                yield b": ping\n\n"
                continue
            try:
                state = coming.result()
            except StopAsyncIteration:
                return
            number += 1
            yield event(state, number)
            coming = asyncio.ensure_future(anext(states))
    finally:
        # Closing an iterator that still runs is an error: first stop its step, then close it.
        coming.cancel()
        await asyncio.wait((coming,))
        await states.aclose()  # type: ignore[attr-defined]
