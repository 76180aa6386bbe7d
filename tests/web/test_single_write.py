"""An answer is written as uvicorn writes it, byte for byte, also where its lines are known already."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from edge.web.server.single_write import SingleWriteCycle

DATE = (b"date", b"Fri, 27 Nov 2026 03:00:00 GMT")
LENGTH = (b"content-length", b"5")


class Written:
    """A transport that notes what is written."""

    def __init__(self) -> None:
        self.all = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.all += data

    def close(self) -> None:
        self.closed = True


class Flow:
    write_paused = False


def start(status: int, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(content: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


async def written(
    kind: type[RequestResponseCycle], messages: list[dict[str, Any]], method: str, *, keep_alive: bool
) -> tuple[bytes, bool, bool, str]:
    """What an answer wrote, whether it ended and closed, and what it raised."""
    transport = Written()
    cycle = kind(
        scope={"method": method},  # type: ignore[typeddict-item]
        transport=transport,  # type: ignore[arg-type]
        flow=Flow(),  # type: ignore[arg-type]
        logger=logging.getLogger("test"),
        access_logger=logging.getLogger("test"),
        access_log=False,
        default_headers=[DATE],
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=keep_alive,
        on_response=lambda: None,
    )
    raised = ""
    for message in messages:
        cycle.keep_alive = cycle.keep_alive and message is not STOPPING
        try:
            await cycle.send(message)  # type: ignore[arg-type]
        except RuntimeError as error:
            raised = type(error).__name__
    return transport.all, cycle.response_complete, transport.closed, raised


STOPPING = body(b"hello")
"""Sent after the server has been told to stop."""

ANSWERS: list[list[dict[str, Any]]] = [
    [start(200, LENGTH, (b"content-type", b"application/json")), body(b"hello")],
    [start(200, LENGTH, (b"X-Mixed", b"Case")), body(b"he", more=True), body(b"llo")],
    [start(200, (b"content-type", b"text/event-stream")), body(b"hello", more=True), body(b"")],
    [start(200, (b"transfer-encoding", b"chunked"), LENGTH), body(b"hello")],
    [start(503, LENGTH, (b"connection", b"close")), body(b"hello")],
    [start(304), body(b"")],
    [start(200, LENGTH, (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")), body(b"hello")],
    [start(200, LENGTH), body(b"too long for it")],
    [start(200, LENGTH), body(b"few")],
    [start(200, LENGTH), STOPPING],
    [start(200, LENGTH), body(b"hello"), body(b"hello")],
    [start(200, LENGTH, (b"bad name", b"x"))],
    [start(200, LENGTH, (b"x-split", b"a\r\nset-cookie: stolen=1"))],
    [start(200, LENGTH), start(200, LENGTH), body(b"hello")],
    [body(b"hello")],
]


@pytest.mark.parametrize("keep_alive", [True, False])
@pytest.mark.parametrize("method", ["POST", "HEAD"])
@pytest.mark.parametrize("messages", ANSWERS)
async def test_as_uvicorn_writes_it(messages: list[dict[str, Any]], method: str, *, keep_alive: bool) -> None:
    theirs = await written(RequestResponseCycle, messages, method, keep_alive=keep_alive)
    for _ in range(2):  # the second time its lines are known
        assert await written(SingleWriteCycle, messages, method, keep_alive=keep_alive) == theirs
