"""The demo's internet: a TCP relay between the store and its cloud that somebody can cut."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

LOOK = 0.1
"""Seconds between two looks at the cut file."""


class Internet:
    """Relays to `cloud_port` on this machine, except while the file `cut` exists: then it drops what is open and
    refuses what comes.
    """

    def __init__(self, cut: Path, cloud_port: int) -> None:
        self._cut = cut
        self._cloud_port = cloud_port
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self, port: int) -> int:
        """Listen on `port` of the loopback (0: a free one); the port."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", port)
        self._watch = asyncio.create_task(self._drop_when_cut(), name="internet")
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        if self._server is None or self._watch is None:
            return
        self._watch.cancel()
        self._server.close()
        self._drop()

    async def _drop_when_cut(self) -> None:
        while True:
            if self._cut.exists():
                self._drop()
            await asyncio.sleep(LOOK)

    def _drop(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()  # A cut cable sends no farewell; a reset is the nearest.

    async def _relay(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        if self._cut.exists():
            near_out.transport.abort()
            return
        try:
            far, far_out = await asyncio.open_connection("127.0.0.1", self._cloud_port)
        except OSError:
            near_out.transport.abort()
            return
        self._open |= {near_out, far_out}
        try:
            await asyncio.gather(_pump(near, far_out), _pump(far, near_out))
        finally:
            self._open -= {near_out, far_out}
            for writer in (near_out, far_out):
                writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
