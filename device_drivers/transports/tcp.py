"""A raw TCP connection: an RS-485 converter, or a printer's port 9100."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from typing import Final

CONNECT_S: Final = 2.0
"""How long the other side may take to accept, in seconds."""
WRITE_S: Final = 1.0
CHUNK: Final = 4096
ALIVE: Final = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
"""A silent connection is asked after 10 s whether it is still there, and given up 15 s later."""


class Tcp:
    """A `Transport` over a socket. Nothing waits to be sent together with something else."""

    byte_s = 0.0

    def __init__(self, url: str, host: str, port: int) -> None:
        self._url, self._address = url, (host, port)
        self._socket: socket.socket | None = None

    @property
    def url(self) -> str:
        return self._url

    def open(self) -> None:
        self.close()
        connected = socket.create_connection(self._address, CONNECT_S)
        connected.settimeout(WRITE_S)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in ALIVE:
            if (option := getattr(socket, name, None)) is not None:  # some systems name them otherwise
                connected.setsockopt(socket.IPPROTO_TCP, option, value)
        self._socket = connected

    def write(self, data: bytes) -> None:
        self._require_socket().sendall(data)

    def read(self, until: float) -> bytes:
        opened = self._require_socket()
        if not select.select([opened], [], [], max(0.0, until - time.monotonic()))[0]:
            return b""
        data = opened.recv(CHUNK)
        if not data:
            raise ConnectionResetError(f"{self._url}: the other side hung up")
        return data

    def flush_input(self) -> None:
        while self.read(0):
            pass

    def close(self) -> None:
        opened, self._socket = self._socket, None
        if opened is not None:
            with contextlib.suppress(OSError):
                opened.close()

    def _require_socket(self) -> socket.socket:
        if self._socket is None:
            raise OSError(f"{self._url} is not open")
        return self._socket
