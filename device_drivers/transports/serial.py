"""A serial port: RS-232, RS-485 through an adapter, or a USB device that looks like one.

serialx, and not pyserial: typed, kept up, a time-out for each read, and on Linux it asks the adapter for low latency,
without which an FTDI chip holds every reply back for 16 ms.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from serialx import BaseSerial

WRITE_S: Final = 1.0
"""How long a write may take, in seconds; a port that takes longer is stuck."""
CHUNK: Final = 4096


class Serial:
    """A `Transport` over a device file. The file is locked: a second process gets `OSError`."""

    def __init__(self, url: str, path: str, baud: int, parity: str = "N", stop: int = 1) -> None:
        self._url, self._path, self._baud, self._parity, self._stop = url, path, baud, parity, stop
        bits = 1 + 8 + (parity != "N") + stop
        self._byte_s = bits / baud
        self._port: BaseSerial | None = None

    @property
    def url(self) -> str:
        return self._url

    @property
    def byte_s(self) -> float:
        return self._byte_s

    def open(self) -> None:
        self.close()
        import serialx

        port = serialx.serial_for_url(self._path, baudrate=self._baud, parity=self._parity, stopbits=self._stop)
        try:
            port.open()
        except serialx.UnsupportedSetting as error:
            raise OSError(f"{self._path}: {error}") from error
        self._port = port

    def write(self, data: bytes) -> None:
        self._require_port().write(data, timeout=WRITE_S)

    def read(self, until: float) -> bytes:
        buffer = bytearray(CHUNK)
        count = self._require_port().readinto(buffer, timeout=max(0.0, until - time.monotonic()))
        return bytes(buffer[:count])

    def flush_input(self) -> None:
        self._require_port().reset_read_buffer()

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(OSError):
                port.close()

    def _require_port(self) -> BaseSerial:
        if self._port is None:
            raise OSError(f"{self._path} is not open")
        return self._port
