"""An answer leaves in one piece: uvicorn writes head and body each with a system call of its own.

The second call costs the web, and the second packet the client, as much as a query to the journal's tables
(`tests.bench.bench_unlock`).
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from edge.web.server.connections import ImpatientProtocol

MAX_BYTES: Final = 64 * 1024
"""What is gathered at most: beyond it the transport's own flow control must hear of it."""


class SingleWriteProtocol(ImpatientProtocol):
    """uvicorn's protocol over a transport that sends what one turn of the event loop wrote together."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(_Gathered(transport, self.loop))  # type: ignore[arg-type]


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
