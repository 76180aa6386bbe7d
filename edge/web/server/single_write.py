"""An answer leaves in one piece: uvicorn writes head and body each with a system call of its own.

The second call costs the web, and the second packet the client, as much as a query to the journal's tables
(`tests.bench.bench_unlock`). So does uvicorn's look through each byte of each header: most of them are in every answer.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE, RequestResponseCycle

from edge.web.server.connections import TimeoutProtocol

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from uvicorn._types import ASGISendEvent, HTTPResponseStartEvent

MAX_BYTES: Final = 64 * 1024
"""What is gathered at most: beyond it the transport's own flow control must hear of it."""
MAX_LINES: Final = 512
"""Headers that are remembered as they are written."""


class SingleWriteProtocol(TimeoutProtocol):
    """uvicorn's protocol over a transport that sends what one turn of the event loop wrote together."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(_Gathered(transport, self.loop))  # type: ignore[arg-type]

    def on_headers_complete(self) -> None:
        """The head is whole."""
        super().on_headers_complete()
        if self.cycle is not None:  # before the first request of a connection there is none
            self.cycle.__class__ = SingleWriteCycle  # uvicorn knows no other way to name it


class SingleWriteCycle(RequestResponseCycle):
    """uvicorn's answer, whose head is put together of lines that are known. What is unusual is left to uvicorn."""

    def send(self, message: ASGISendEvent) -> Coroutine[Any, Any, None]:
        """A piece of the answer."""
        if message["type"] == "http.response.start" and self._is_usual():
            return self._begin(message)
        return super().send(message)

    async def _begin(self, message: HTTPResponseStartEvent) -> None:
        headers = list(message.get("headers", ()))
        named = dict(headers)
        length = named.get(b"content-length")
        if length is None or b"transfer-encoding" in named or b"connection" in named:
            await super().send(message)
            return
        lines = map(_line, [*self.default_headers, *headers])
        head = b"".join([STATUS_LINE[message["status"]], *lines, b"\r\n"])
        self.response_started, self.waiting_for_100_continue = True, False
        self.expected_content_length, self.chunked_encoding = int(length), False
        self.transport.write(head)

    def _is_usual(self) -> bool:
        busy = self.response_started or self.disconnected or self.flow.write_paused
        return self.keep_alive and not busy and not self.access_log


@lru_cache(MAX_LINES)
def _line(header: tuple[bytes, bytes]) -> bytes:
    """A header as it is written. Raises `RuntimeError` as uvicorn does."""
    name, value = header
    if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        raise RuntimeError(f"invalid HTTP header: {name!r}")
    return b"%s: %s\r\n" % (name.lower(), value)


class _Gathered:
    """A transport whose writes wait for the end of the turn. Everything else is the transport's own."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pieces = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send this with what else is written in this turn."""
        if not self._pieces:
            self._loop.call_soon(self._send)
        self._pieces += data
        if len(self._pieces) > MAX_BYTES:
            self._send()

    def close(self) -> None:
        """Close once everything is sent."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._pieces and not self._transport.is_closing():
            self._transport.write(self._pieces)
        self._pieces = bytearray()
