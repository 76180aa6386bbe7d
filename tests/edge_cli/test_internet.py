"""The demo's internet: it carries both ways, and when it is cut nothing gets through, old or new."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.cli.demo.internet import Internet


@pytest.fixture
async def cloud() -> AsyncIterator[int]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def internet(tmp_path: Path, cloud: int) -> AsyncIterator[tuple[int, Path]]:
    cut = tmp_path / "internet-cut"
    relay = Internet(cut, cloud)
    yield await relay.start(0), cut
    await relay.stop()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"hello\n")
    await writer.drain()
    return await asyncio.wait_for(reader.readline(), 60)


async def refused(port: int) -> bool:
    """Whether a new connection gets no answer."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answer = await ask(reader, writer)
    except OSError:
        return True
    writer.close()
    return answer == b""


async def test_it_carries_both_ways(internet: tuple[int, Path]) -> None:
    port, _ = internet
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await ask(reader, writer) == b"HELLO\n"
    writer.close()


async def test_a_cut_drops_what_is_open_and_refuses_what_comes(internet: tuple[int, Path]) -> None:
    port, cut = internet
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await ask(reader, writer) == b"HELLO\n"
    cut.touch()
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), 60) == b""
    assert await refused(port)
    cut.unlink()
    assert not await refused(port)
    writer.close()


async def test_a_cloud_that_is_down_looks_like_no_internet(tmp_path: Path) -> None:
    relay = Internet(tmp_path / "cut", cloud_port=1)
    port = await relay.start(0)
    assert await refused(port)
    await relay.stop()
