"""The connection of a device to the broker."""

import json
import select
import socket
import ssl

from device_drivers.firmware import mqtt5

LIMIT = 64 * 1024
"""The contract's largest body. A board with little memory may say less: the broker then keeps larger ones back."""
KEEPALIVE_S = 15
RECORD = 16 * 1024 + 256
"""Bytes of the largest TLS record: what is left of one would not make the socket readable again."""


def _encrypted(plain: socket.socket, authority: str, host: str) -> socket.socket:
    """TLS on a connection, with that authority alone. Raises `OSError`."""
    with open(authority, "rb") as file:  # noqa: PTH123 - MicroPython
        known = file.read()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=known)
    return context.wrap_socket(plain, server_hostname=host)


class Bus:
    """The connection: bytes in and out, packets, identifiers. Raises `OSError` where it breaks."""

    def __init__(
        self, address: tuple[str, int], client: str, password: str | None, will: str, authority: str | None = None
    ) -> None:
        """`authority` is the file of the store's own, in DER: the broker's certificate must come of it. Without one,
        nothing is encrypted.
        """
        self._socket = socket.socket()
        try:
            self._socket.connect(socket.getaddrinfo(*address)[0][-1])
            if hasattr(socket, "TCP_NODELAY"):
                self._socket.setsockopt(6, socket.TCP_NODELAY, 1)
            if authority:
                self._socket = _encrypted(self._socket, authority, address[0])
        except OSError:
            self._socket.close()
            raise
        self._reader = mqtt5.PacketReader(LIMIT + 512)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._identifier = 0
        self.under_way: set[int] = set()
        """What was sent at QoS 1 and has no receipt yet."""
        self.send(mqtt5.connect(client, password, KEEPALIVE_S, will, b'{"online":false}', LIMIT + 512))

    def send(self, data: bytes) -> None:
        """All of it."""
        while data:
            data = data[self._socket.send(data) :]

    def publish(self, topic: str, body: object, retain: bool, qos: int, correlation: bytes | None = None) -> None:
        """A body as JSON."""
        identifier = 0
        if qos:
            self._identifier = identifier = self._identifier % 65535 + 1
            self.under_way.add(identifier)
        self.send(mqtt5.publish(topic, json.dumps(body).encode(), retain, identifier, correlation))

    def receive(self, wait_ms: int) -> list[tuple[int, int, bytes]]:
        """The packets that have come."""
        if not self._poll.poll(wait_ms):
            return []
        data = self._socket.recv(RECORD)
        if not data:
            raise OSError("the broker hung up")
        return self._reader.feed(data)

    def close(self) -> None:
        """Without goodbye: the will follows."""
        self._socket.close()
