"""A device file that is read and written as it is: a printer on the kernel's USB driver, `/dev/usb/lp0`."""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import Final

WRITE_S: Final = 2.0
"""How long the device may take nothing at all, in seconds; then it is stuck."""
CHUNK: Final = 4096


class DeviceFile:
    """A `Transport` over a device file that is open for reading and writing."""

    byte_s = 0.0

    def __init__(self, url: str, path: str) -> None:
        self._url, self._path = url, path
        self._file: int | None = None

    @property
    def url(self) -> str:
        return self._url

    def open(self) -> None:
        self.close()
        # Not blocking: the kernel's printer driver would otherwise hold a write, and the thread, until paper is in.
        self._file = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            if not select.select([], [self._require_file()], [], WRITE_S)[1]:
                raise TimeoutError(f"{self._path} took nothing for {WRITE_S} s")
            with contextlib.suppress(BlockingIOError):
                rest = rest[os.write(self._require_file(), rest[:CHUNK]) :]

    def read(self, until: float) -> bytes:
        while select.select([self._require_file()], [], [], max(0.0, until - time.monotonic()))[0]:
            try:
                data = os.read(self._require_file(), CHUNK)
            except BlockingIOError:
                data = b""
            if data:
                return data
            # A printer that is there and says nothing reads as empty, and so does one that was pulled out: the next
            # write tells them apart.
            if (rest := until - time.monotonic()) <= 0:
                break
            time.sleep(min(0.01, rest))
        return b""

    def flush_input(self) -> None:
        while self.read(0):
            pass

    def close(self) -> None:
        opened, self._file = self._file, None
        if opened is not None:
            with contextlib.suppress(OSError):
                os.close(opened)

    def _require_file(self) -> int:
        if self._file is None:
            raise OSError(f"{self._path} is not open")
        return self._file
