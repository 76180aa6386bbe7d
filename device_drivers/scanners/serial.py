"""A scanner on a serial port, most often USB in "virtual COM" mode. Best for kiosks: no focus, no keyboard layout."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import msgspec

from device_drivers.driver import Claim
from device_drivers.scanners.codes import Assembler
from device_drivers.scanners.line_scanner import WAIT_S, LineScanner
from device_drivers.transports import from_url, port_of

if TYPE_CHECKING:
    from pathlib import Path

    from device_drivers.transports import Transport


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the scanner is, and how it writes."""

    url: Annotated[str, msgspec.Meta(min_length=1)]
    """Its port: `serial:///dev/serial/by-id/…?baud=9600`; USB ones ignore the baud rate."""
    ends: str = "\r\n"
    """The characters that end a code, each by itself."""
    silence_ms: Annotated[int, msgspec.Meta(ge=20, le=5000)] = 150
    """A code without an end is complete after so much silence."""
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    """Tried one after the other for what is no ASCII."""


class Driver(LineScanner):
    """The scanner."""

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        super().__init__(_Port(from_url(settings.url), settings), settings.encodings)
        self.claims = (Claim(port_of(settings.url)),)


class _Port:
    """A `CodeSource` on a transport."""

    def __init__(self, transport: Transport, settings: Settings) -> None:
        self._transport, self._settings = transport, settings
        self._wait_s = min(WAIT_S, settings.silence_ms / 1000)
        self.close = transport.close

    def open(self) -> None:
        self._transport.open()
        self._transport.flush_input()  # what was scanned while nobody listened is nobody's
        self._parts = Assembler(self._settings.ends.encode(), self._settings.silence_ms / 1000)

    def codes(self, until: float) -> list[bytes]:
        while (now := time.monotonic()) < until:
            data = self._transport.read(min(until, now + self._wait_s))
            if codes := self._parts.take(data, time.monotonic()) if data else self._parts.idle(now):
                return codes
        return []
