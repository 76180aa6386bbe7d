"""As little MQTT 5 as a simulated device needs, on an asyncio transport.

A double of what real devices bring (paho, or firmware), for one reason: with hundreds of paho clients on the same two
cores the bench would measure the devices. It is used for the devices of the peer too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

OnPublish = Callable[[str, bytes, bytes], None]
"""Called with topic, payload and the correlation data, which may be empty."""


class Client(asyncio.Protocol):
    """One connection. Use `connect`."""

    def __init__(self, name: str, will: str | None, on_publish: OnPublish) -> None:
        self._name = name
        self._will = will
        self._on_publish = on_publish
        self._buffer = b""
        self._waiting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._packet_id = 0
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        flags, end = 0x02, b""
        if self._will:
            flags |= 0x04 | 0x08 | 0x20
            end = b"\0" + _text(self._will) + _text('{"online":false}')
        body = _text("MQTT") + bytes((5, flags)) + (60).to_bytes(2, "big") + b"\0" + _text(self._name) + end
        self._write(0x10, body)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own signature
        self.lost = True
        if not self._waiting.done():
            self._waiting.cancel()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data
        at = 0
        while len(buffer) - at >= 2:
            length, start = _varint(buffer, at + 1)
            if length < 0 or len(buffer) < start + length:
                break
            self._packet(buffer[at], buffer[start : start + length])
            at = start + length
        self._buffer = buffer[at:]

    async def answered(self) -> int:
        """The reason code of the next CONNACK or SUBACK."""
        reason = await asyncio.wait_for(self._waiting, 30)
        self._waiting = asyncio.get_running_loop().create_future()
        return reason

    async def subscribe(self, topics: Sequence[str], qos: int = 0) -> None:
        """Returns when the broker has said yes."""
        self._packet_id += 1
        body = self._packet_id.to_bytes(2, "big") + b"\0" + b"".join(_text(topic) + bytes((qos,)) for topic in topics)
        self._write(0x82, body)
        if await self.answered() >= 0x80:
            raise ConnectionError(f"{self._name}: the broker refuses {topics[0]}")

    def publish(
        self, topic: str, payload: bytes, qos: int = 0, *, retain: bool = False, correlation: bytes = b""
    ) -> None:
        """QoS 1 is not sent again: the loopback loses nothing."""
        middle = b""
        if qos:
            self._packet_id = self._packet_id % 60_000 + 1
            middle = self._packet_id.to_bytes(2, "big")
        properties = b"\x09" + len(correlation).to_bytes(2, "big") + correlation if correlation else b""
        body = _text(topic) + middle + bytes((len(properties),)) + properties + payload
        self._write(0x30 | qos << 1 | retain, body)

    def ping(self) -> None:
        """Keeps the connection alive; needed every 60 s at the latest."""
        self._transport.write(b"\xc0\x00")

    def close(self) -> None:
        """Leaves, with a word."""
        self._transport.write(b"\xe0\x00")
        self._transport.close()

    def _packet(self, kind: int, body: bytes) -> None:
        if kind >> 4 == 3:
            self._published(kind, body)
        elif kind >> 4 in (2, 9) and not self._waiting.done():
            self._waiting.set_result(body[1] if kind >> 4 == 2 else body[-1])

    def _published(self, kind: int, body: bytes) -> None:
        end = 2 + int.from_bytes(body[:2], "big")
        topic, qos = body[2:end].decode(), kind >> 1 & 3
        if qos:
            self._write(0x40, body[end : end + 2])
            end += 2
        length, start = _varint(body, end)
        self._on_publish(topic, body[start + length :], _correlation(body[start : start + length]))

    def _write(self, kind: int, body: bytes) -> None:
        length, size = b"", len(body)
        while size > 127:
            length += bytes((size & 127 | 128,))
            size >>= 7
        self._transport.write(bytes((kind,)) + length + bytes((size,)) + body)


async def connect(port: int, name: str, on_publish: OnPublish, will: str | None = None) -> Client:
    """A client that the broker on loopback has accepted. asyncio sets TCP_NODELAY."""
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(name, will, on_publish), "127.0.0.1", port)
    if reason := await client.answered():
        raise ConnectionError(f"{name}: the broker refuses, reason {reason}")
    return client


def _text(value: str) -> bytes:
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number and where it ends; -1 while it is not whole."""
    value = shift = 0
    while at < len(data):
        value |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            return value, at
        shift += 7
    return -1, at


def _correlation(properties: bytes) -> bytes:
    """The correlation data among the properties of a command: message expiry, response topic, correlation data."""
    at = 0
    while at < len(properties):
        kind = properties[at]
        if kind == 2:
            at += 5
            continue
        size = int.from_bytes(properties[at + 1 : at + 3], "big")
        if kind == 9:
            return properties[at + 3 : at + 3 + size]
        at += 3 + size
    return b""
