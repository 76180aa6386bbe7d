"""A cable between a till and its terminal that lets so many bytes through, and is cut or goes dead."""

from __future__ import annotations

import asyncio
from typing import Self


class Cable:
    """Listens on `port`, and carries each connection to `upstream`; one that was cut is whole for the next one."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.port = 0
        self.carried = [0, 0]
        """Bytes so far: to the terminal, and from it."""
        self.lasts: int | None = None
        """How many more go through; none where it holds."""
        self.side = 0
        """Which way they are counted."""
        self.is_dead = False
        """Whether it goes dead without a word, instead of being cut."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, out = await asyncio.open_connection("127.0.0.1", self.upstream)
        ends = ((reader, out, 0), (there, writer, 1))
        both = [asyncio.create_task(self._one_way(*end, [writer, out])) for end in ends]
        self._tasks.update(both)
        await asyncio.gather(*both, return_exceptions=True)

    async def _one_way(
        self, reader: asyncio.StreamReader, out: asyncio.StreamWriter, side: int, ends: list[asyncio.StreamWriter]
    ) -> None:
        while byte := await reader.read(1):
            if self.lasts is not None and side == self.side:
                if self.lasts == 0:
                    await self._break(reader, ends)
                    return
                self.lasts -= 1
            self.carried[side] += 1
            out.write(byte)
        out.close()

    async def _break(self, reader: asyncio.StreamReader, ends: list[asyncio.StreamWriter]) -> None:
        self.lasts = None
        if self.is_dead:
            while await reader.read(1024):
                pass
        for each in ends:
            each.transport.abort()
