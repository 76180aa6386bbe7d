"""As much of MQTT 5 as a device of the contract needs. MicroPython's `umqtt` speaks 3.1.1 and cannot expire a command.

Runs on MicroPython and CPython. A packet that is too large is read past, and takes no memory.
"""

CONNECT, CONNACK, PUBLISH, PUBACK = 1, 2, 3, 4
SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = 8, 9, 12, 13, 14

EXPIRY, CORRELATION, MAX_AT_ONCE = 0x02, 0x09, 0x27
_SIZES = {0x01: 1, 0x02: 4, 0x23: 2}
"""Bytes of the properties that a PUBLISH may carry and that have a fixed size."""


class MalformedPacket(ValueError):
    """The broker sent what is no MQTT 5."""


class Message:
    """A PUBLISH that arrived."""

    def __init__(
        self, topic: str, payload: bytes, retained: bool, expiry: int | None, correlation: bytes | None
    ) -> None:
        self.topic, self.payload, self.retained = topic, payload, retained
        self.expiry, self.correlation = expiry, correlation


def number(value: int) -> bytes:
    """A variable byte integer."""
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | 0x80 if value else low)
        if not value:
            return bytes(out)


def text(value: str | bytes) -> bytes:
    """A UTF-8 string or binary data, with its length before it."""
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(2, "big") + data


def packet(kind: int, flags: int, body: bytes) -> bytes:
    """Any packet."""
    return bytes([kind << 4 | flags]) + number(len(body)) + body


def connect(client: str, password: str | None, keepalive: int, will: str, farewell: bytes, most: int) -> bytes:
    """Clean start; the will is retained at QoS 1; no packet larger than `most` bytes is wanted."""
    flags = 0x02 | 0x04 | 0x08 | 0x20
    properties = bytes([MAX_AT_ONCE]) + most.to_bytes(4, "big")
    payload = text(client) + number(0) + text(will) + text(farewell)
    if password is not None:
        flags |= 0xC0
        payload += text(client) + text(password)
    head = text("MQTT") + bytes([5, flags]) + keepalive.to_bytes(2, "big") + number(len(properties)) + properties
    return packet(CONNECT, 0, head + payload)


def subscribe(identifier: int, wanted: list[tuple[str, int]]) -> bytes:
    """Topics with their options: QoS in bits 0 and 1, retain as published 8, retain handling from 16 on."""
    body = identifier.to_bytes(2, "big") + number(0)
    for topic, options in wanted:
        body += text(topic) + bytes([options])
    return packet(SUBSCRIBE, 2, body)


def publish(topic: str, payload: bytes, retain: bool, identifier: int = 0, correlation: bytes | None = None) -> bytes:
    """At QoS 1 with an identifier, at QoS 0 without one."""
    body = text(topic)
    if identifier:
        body += identifier.to_bytes(2, "big")
    properties = b"" if correlation is None else bytes([CORRELATION]) + text(correlation)
    body += number(len(properties)) + properties + payload
    return packet(PUBLISH, (2 if identifier else 0) | (1 if retain else 0), body)


def puback(identifier: int) -> bytes:
    """The receipt of a message at QoS 1."""
    return packet(PUBACK, 0, identifier.to_bytes(2, "big"))


def ping() -> bytes:
    """Asks whether the broker is there."""
    return packet(PINGREQ, 0, b"")


def goodbye() -> bytes:
    """Ends the connection, and with it the will."""
    return packet(DISCONNECT, 0, b"")


class PacketReader:
    """Cuts what arrives into packets; one larger than `most` is skipped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._data = b""
        self._skip = 0

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """The packets that are complete now, each as kind, flags and body. Raises `MalformedPacket`."""
        self._data += data
        packets: list[tuple[int, int, bytes]] = []
        while True:
            skipped = min(self._skip, len(self._data))
            self._skip -= skipped
            self._data = self._data[skipped:]
            found = self._head()
            if found is None:
                return packets
            start, length = found
            if length > self._most:
                self._skip, self._data = length, self._data[start:]
                continue
            if len(self._data) < start + length:
                return packets
            first, body = self._data[0], self._data[start : start + length]
            self._data = self._data[start + length :]
            packets.append((first >> 4, first & 0x0F, body))

    def _head(self) -> tuple[int, int] | None:
        """Where the body begins and how long it is; None while that has not arrived."""
        length = 0
        for place in range(1, 5):
            if len(self._data) <= place:
                return None
            length |= (self._data[place] & 0x7F) << 7 * (place - 1)
            if not self._data[place] & 0x80:
                return place + 1, length
        raise MalformedPacket("a packet length of more than four bytes")


def message(flags: int, body: bytes) -> tuple[Message, int]:
    """A PUBLISH and its identifier, 0 at QoS 0. Raises `MalformedPacket`."""
    try:
        end = 2 + int.from_bytes(body[:2], "big")
        topic, identifier = body[2:end].decode(), 0
        if flags & 6:
            identifier = int.from_bytes(body[end : end + 2], "big")
            end += 2
        length, at = _number(body, end)
        expiry, correlation = _properties(body, at, at + length)
        return Message(topic, body[at + length :], bool(flags & 1), expiry, correlation), identifier
    except (IndexError, UnicodeError) as error:
        raise MalformedPacket(str(error)) from error


def _properties(body: bytes, at: int, end: int) -> tuple[int | None, bytes | None]:
    expiry: int | None = None
    correlation: bytes | None = None
    while at < end:
        kind = body[at]
        at += 1
        if kind in _SIZES:
            if kind == EXPIRY:
                expiry = int.from_bytes(body[at : at + 4], "big")
            at += _SIZES[kind]
        elif kind == 0x0B:
            at = _number(body, at)[1]
        else:
            for _ in range(2 if kind == 0x26 else 1):  # a user property is two strings
                size = int.from_bytes(body[at : at + 2], "big")
                if kind == CORRELATION:
                    correlation = body[at + 2 : at + 2 + size]
                at += 2 + size
    return expiry, correlation


def _number(body: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(4):
        value |= (body[at + place] & 0x7F) << 7 * place
        if not body[at + place] & 0x80:
            return value, at + place + 1
    raise MalformedPacket("a number of more than four bytes")
