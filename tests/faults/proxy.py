"""A TCP proxy that does to HTTP requests what networks do: lose, delay, cut, repeat and answer them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Self


@dataclass(frozen=True)
class Fault:
    """What happens to one request."""

    kind: Literal[
        "pass",  # nothing
        "refuse",  # reset before it is read
        "cut",  # `amount` bytes reach the other side, then both connections are reset
        "swallow",  # it is carried out, and its reply is lost
        "truncate",  # it is carried out, and `amount` bytes of its reply arrive
        "duplicate",  # it is carried out twice; the second reply is given
        "hold",  # it is lost now; `release` carries it out later, out of order
        "answer",  # `reply` is given, and the other side never hears of it
        "hang",  # nothing is answered until the caller gives up
    ] = "pass"
    amount: int = 0
    delay_s: float = 0.0
    reply: bytes = b""


LOGIN_PAGE = b"<html>Welcome! Log in to use our WiFi.</html>"


def portal(status: str = "200 OK", body: bytes = LOGIN_PAGE, *headers: str) -> Fault:
    """An answer that something else than the cloud gives."""
    head = [f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}", *headers, "", ""]
    return Fault("answer", reply="\r\n".join(head).encode() + body)


class FaultProxy:
    """Listens on `port`, forwards each request to `upstream` unless `choose` says otherwise. Use as a context."""

    def __init__(self, upstream: int, choose: Callable[[], Fault] = Fault) -> None:
        self.upstream = upstream
        self.choose = choose
        self.port = 0
        self.requests = 0
        self.held: list[bytes] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(60)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    def release(self, number: int) -> bytes:
        """Carry out a held request now; returns the other side's reply."""
        request = self.held[number % len(self.held)]
        return asyncio.run_coroutine_threadsafe(self._forward(request), self._loop).result(60)

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request. False when the connection is of no use afterwards."""
        fault = self.choose()
        if fault.kind == "refuse":
            await reader.read(1)
            return _reset(writer)
        request = await _request(reader)
        self.requests += 1
        await asyncio.sleep(fault.delay_s)
        if fault.kind == "hang":
            await reader.read(1)
            return False
        reply = await self._reply(fault, request)
        writer.write(reply)
        await writer.drain()
        return _reset(writer) if fault.kind in ("hold", "cut", "swallow", "truncate") else True

    async def _reply(self, fault: Fault, request: bytes) -> bytes:
        """What the caller gets to read."""
        if fault.kind == "hold":
            self.held.append(request)
            return b""
        if fault.kind == "answer":
            return fault.reply
        if fault.kind == "cut":
            return await self._forward(request[: fault.amount % len(request)], whole=False)
        reply = await self._forward(request)
        if fault.kind == "duplicate":
            reply = await self._forward(request)
        kept = {"swallow": 0, "truncate": fault.amount % len(reply)}.get(fault.kind)
        return reply[:kept]

    async def _forward(self, request: bytes, *, whole: bool = True) -> bytes:
        """A request over a connection of its own. Raises `OSError` when the other side is away."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            writer.write(request)
            await writer.drain()
            if not whole:
                _reset(writer)
                return b""
            return await _request(reader)
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    """One HTTP message with a Content-Length; a reply looks the same."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)


def _reset(writer: asyncio.StreamWriter) -> bool:
    """RST instead of FIN, as a pulled cable's firewall sends it."""
    sock: socket.socket = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return False
