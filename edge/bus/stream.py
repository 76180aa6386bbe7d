"""The socket under paho, inside the event loop: one read and one write for many messages, and a short way for QoS 0.

paho takes each packet with several `recv` calls, builds objects for it and its properties, and sends each by itself.
Commands and replies travel at QoS 0 and make up the whole of an unlock, so they pass here, framed and taken apart in a
few lines. Connecting, subscribing, keeping alive and QoS 1 stay with paho, on the same wire and in the same order.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, Final

READ_BYTES: Final = 1 << 16
_WAIT = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

OnPublish = Callable[[str, bytes, bool], None]
"""Called with topic, payload and whether it was retained."""


class PahoSocket:
    """What paho takes for a socket (`SocketLike`). A plain one until it is attached to the loop."""

    def __init__(self, sock: Any, on_publish: OnPublish) -> None:
        self._sock = sock
        self._on_publish = on_publish
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rest = b""
        """The beginning of a packet whose end has not come yet."""
        self._for_paho = bytearray()
        self._out = bytearray()
        self._writing = False
        self._ended = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on nothing here blocks, and everything is called on the loop."""
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def fileno(self) -> int:
        """The socket's own."""
        number: int = self._sock.fileno()
        return number

    # --- what paho calls ---

    def recv(self, size: int) -> bytes:
        """A piece of what is for paho."""
        if self._loop is None:
            data: bytes = self._sock.recv(size)
            return data
        if not self._for_paho and not self._ended:
            raise BlockingIOError
        piece = bytes(self._for_paho[:size])
        del self._for_paho[:size]
        return piece

    def send(self, data: bytes) -> int:
        """Send with everything else that is said in this turn of the loop. Takes all of it."""
        if self._loop is None:
            sent: int = self._sock.send(data)
            return sent
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out += data
        return len(data)

    def close(self) -> None:
        """Say what is left to say, as far as the socket takes it now."""
        self._flush()
        self._forget_writer()
        self._sock.close()

    # --- what the connection calls ---

    @property
    def waiting(self) -> bool:
        """Whether there is something for paho to read: packets, or the end."""
        return bool(self._for_paho) or self._ended

    def read(self) -> None:
        """Take what has come: publications at QoS 0 go to `on_publish` at once, the rest waits for paho."""
        more = True
        while more:
            try:
                data = self._sock.recv(READ_BYTES)
            except _WAIT:
                return
            except OSError:
                data = b""
            if data:
                self._sort(self._rest + data)
            else:
                self._ended = True
            # TLS hands out a record at a time; what it holds back does not make the socket readable again.
            more = bool(data) and isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def publish(self, topic: str, payload: bytes, properties: bytes) -> None:
        """At QoS 0, not retained. `properties` are packed, with their length."""
        name = topic.encode()
        size = 2 + len(name) + len(properties) + len(payload)
        self.send(b"".join((b"\x30", _length(size), len(name).to_bytes(2, "big"), name, properties, payload)))

    def _sort(self, data: bytes) -> None:
        at = 0
        try:
            while at < len(data):
                begin, (body, size) = at, _varint(data, at + 1)
                end = body + size
                if size < 0 or end > len(data):
                    break
                at = end  # before it is told: whatever comes of that, the next packet begins here
                if data[begin] & 0xF6 == 0x30:  # PUBLISH at QoS 0
                    self._published(data, begin, body, end)
                else:
                    self._for_paho += data[begin:end]
        finally:
            self._rest = data[at:]

    def _published(self, data: bytes, at: int, body: int, end: int) -> None:
        name = body + 2 + int.from_bytes(data[body : body + 2], "big")
        properties, size = _varint(data, name)
        topic = data[body + 2 : name].decode(errors="replace")  # what is no UTF-8 is no topic of the contract
        self._on_publish(topic, data[properties + size : end], bool(data[at] & 1))

    def _flush(self) -> None:
        try:
            sent = self._sock.send(self._out) if self._out else 0
        except _WAIT:
            sent = 0
        except OSError:
            self._out.clear()  # the reader learns that the connection is lost
            sent = 0
        del self._out[:sent]
        if self._out and self._loop and not self._writing:
            self._writing = True
            self._loop.add_writer(self._sock, self._flush)
        elif not self._out:
            self._forget_writer()

    def _forget_writer(self) -> None:
        if self._writing and self._loop:
            self._writing = False
            self._loop.remove_writer(self._sock)


def _length(size: int) -> bytes:
    """MQTT's variable byte integer."""
    digits = bytearray()
    while size > 127:
        digits.append(size & 127 | 128)
        size >>= 7
    digits.append(size)
    return bytes(digits)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Where the number at `at` ends, and the number; -1 while it is not whole."""
    if at < len(data) and data[at] < 128:  # as most are
        return at + 1, data[at]
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return at, value
        shift += 7
    return at, -1
