"""The short way past paho: frames that come in pieces, several at once, or belong to paho; and a slow broker."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from device_drivers.broker import BrokerAddress
from edge.bus import connection
from edge.bus.stream import PahoSocket

PUBACK = b"\x40\x02\x00\x07"


def published(topic: bytes, payload: bytes, *, first: int = 0x30, properties: bytes = b"\x00") -> bytes:
    body = len(topic).to_bytes(2, "big") + topic + properties + payload
    size = bytes((len(body),)) if len(body) < 128 else bytes((len(body) & 127 | 128, len(body) >> 7))
    return bytes((first,)) + size + body


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, broker = socket.socketpair()
    ours.setblocking(False)
    broker.setblocking(False)
    yield ours, broker
    ours.close()
    broker.close()


async def test_takes_qos_0_itself_and_leaves_the_rest_to_paho_in_order(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    heard: list[tuple[str, bytes, bool]] = []
    stream = PahoSocket(ends[0], lambda *message: heard.append(message))
    stream.attach(asyncio.get_running_loop())
    at_qos_1 = published(b"sk/s/d/state", b"\x00\x01{}", first=0x32)
    long = b"x" * 300
    wire = (
        published(b"sk/s/d/reply", b"one", properties=b"\x04\x09\x00\x01z")
        + PUBACK
        + published(b"sk/s/d/reply", long, first=0x31)
        + at_qos_1
    )
    for byte in wire:  # the worst network there is
        ends[1].send(bytes((byte,)))
        stream.read()
    assert heard == [("sk/s/d/reply", b"one", False), ("sk/s/d/reply", long, True)]
    assert stream.recv(1000) == PUBACK + at_qos_1
    with pytest.raises(BlockingIOError):
        stream.recv(1)


async def test_many_frames_in_one_read(ends: tuple[socket.socket, socket.socket]) -> None:
    heard: list[bytes] = []
    stream = PahoSocket(ends[0], lambda _, payload, __: heard.append(payload))
    stream.attach(asyncio.get_running_loop())
    ends[1].send(b"".join(published(b"t", b"%d" % number) for number in range(100)))
    stream.read()
    assert heard == [b"%d" % number for number in range(100)]


async def test_a_message_that_cannot_be_taken_costs_no_other(ends: tuple[socket.socket, socket.socket]) -> None:
    heard: list[bytes] = []

    def take(_: str, payload: bytes, __: bool) -> None:
        if payload == b"2":
            raise ZeroDivisionError
        heard.append(payload)

    stream = PahoSocket(ends[0], take)
    stream.attach(asyncio.get_running_loop())
    ends[1].send(b"".join(published(b"t", b"%d" % number) for number in range(5)) + published(b"t", b"5")[:4])
    with pytest.raises(ZeroDivisionError):
        stream.read()
    ends[1].send(published(b"t", b"5")[4:])
    stream.read()
    assert heard == [b"0", b"1", b"3", b"4", b"5"]


async def test_a_fault_that_comes_with_each_message_is_told_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now, told = [0.0], []

    def take(topic: str, _: bytes, __: bool) -> None:
        if topic == "other":
            raise ZeroDivisionError("another place")
        raise ZeroDivisionError

    monkeypatch.setattr(connection, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(connection, "log", SimpleNamespace(exception=lambda _, topic: told.append(topic)))
    login = connection.BrokerLogin(BrokerAddress("localhost", 1883), "gateway")
    kept = connection.Connection(login, [], take, lambda _: None)
    for topic in ("a", "b", "other", "other"):
        kept._take(topic, b"", False)
    assert told == ["a", "other"]
    now[0] += connection.SAY_S
    kept._take("c", b"", False)
    assert told == ["a", "other", "c"]


async def test_the_end_is_told_to_paho(ends: tuple[socket.socket, socket.socket]) -> None:
    stream = PahoSocket(ends[0], lambda *_: None)
    stream.attach(asyncio.get_running_loop())
    ends[1].close()
    stream.read()
    assert stream.waiting
    assert stream.recv(1) == b""


async def test_what_a_slow_broker_does_not_take_follows_whole_and_in_order(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    loop = asyncio.get_running_loop()
    stream = PahoSocket(ends[0], lambda *_: None)
    stream.attach(loop)
    expected = b""
    for number in range(300):
        payload = b"%04d" % number + b"." * 4000
        stream.publish("sk/s/d/command", payload, b"\x00")
        expected += published(b"sk/s/d/command", payload)
        stream.send(PUBACK)  # what paho says goes between
        expected += PUBACK
    got = bytearray()
    async with asyncio.timeout(60):
        while len(got) < len(expected):
            got += await loop.sock_recv(ends[1], 5000)
    assert bytes(got) == expected
