"""A scanner that types: a USB keyboard, read past the desktop (Linux evdev).

The device is grabbed, so that codes are not typed into whatever has the focus. Reads `struct input_event` itself: the
evdev package has no wheels.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import time
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from device_drivers.driver import Claim
from device_drivers.scanners.codes import Assembler
from device_drivers.scanners.keyboards import Layout, keys
from device_drivers.scanners.line_scanner import WAIT_S, LineScanner

if TYPE_CHECKING:
    from pathlib import Path

EVENT: Final = struct.Struct("llHHi")
"""Seconds, microseconds, type, code, value (linux/input.h)."""
EV_SYN, EV_KEY, SYN_DROPPED = 0, 1, 3
EVIOCGRAB: Final = 0x40044590
SHIFT, CONTROL, ALT, ALTGR, CAPS_LOCK = frozenset({42, 54}), frozenset({29, 97}), 56, 100, 58
END: Final = b"\r\n\t"
"""Some scanners type control characters with Ctrl: Ctrl+M, Ctrl+J and Ctrl+I end a code as Enter and Tab do."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which keyboard is the scanner."""

    path: Annotated[str, msgspec.Meta(min_length=1)]
    """`/dev/input/by-id/usb-…-event-kbd`; the numbers of `/dev/input/event…` change with every plugging in."""
    silence_ms: Annotated[int, msgspec.Meta(ge=20, le=5000)] = 150
    """A code without Enter or Tab behind it is complete after so much silence."""
    layout: Layout = "us"
    """The keyboard that the scanner types on, as it was set: `us`, as delivered, `de` or `fr`."""
    grab: bool = True
    """Keeps the codes from being typed elsewhere too. Only a test has reason to say false."""


class Driver(LineScanner):
    """The scanner."""

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        super().__init__(_Keyboard(settings), ("utf-8",))
        self.claims = (Claim(settings.path, key="path"),)


class Typing:
    """From keys to bytes. Only what is pressed counts: not what is let go, and not a key that repeats."""

    def __init__(self, layout: Layout = "us") -> None:
        self._keys = keys(layout)
        self._held: set[int] = set()
        self._caps = False
        self._number = ""
        """Digits that were typed while Alt was held: together they are one character."""

    def key(self, code: int, value: int) -> bytes:
        """What this key types now; nothing for most of them."""
        if code in SHIFT | CONTROL | {ALT, ALTGR}:
            (self._held.add if value else self._held.discard)(code)
        if code == ALT and not value:
            number, self._number = self._number, ""
            return bytes([int(number) & 0xFF]) if number else b""
        if value != 1:
            return b""
        if code == CAPS_LOCK:
            self._caps = not self._caps
        return self._typed(*self._keys[code]) if code in self._keys else b""

    def _typed(self, plain: str, shifted: str, third: str) -> bytes:
        """What a key with these characters types with what is held."""
        if ALTGR in self._held and third:
            return third.encode()
        if ALT in self._held and plain.isdecimal():
            self._number += plain
            return b""
        shift = bool(self._held & SHIFT)
        letter = shifted if (shift != self._caps if plain.isalpha() else shift) else plain
        if self._held & CONTROL and plain != "\n":
            return bytes([ord(letter.upper()[0]) & 0x1F])  # Ctrl+] is the group separator of GS1 codes
        return letter.encode()


class _Keyboard:
    """A `CodeSource` on an input device."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wait_s = min(WAIT_S, settings.silence_ms / 1000)
        self._file = -1

    def open(self) -> None:
        self._typing = Typing(self._settings.layout)
        self._parts = Assembler(END, self._settings.silence_ms / 1000)
        self._rest = b""
        self._file = os.open(self._settings.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        if self._settings.grab:
            fcntl.ioctl(self._file, EVIOCGRAB, 1)

    def close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            with contextlib.suppress(OSError):
                os.close(file)

    def codes(self, until: float) -> list[bytes]:
        while (now := time.monotonic()) < until:
            ready = select.select([self._file], [], [], min(until - now, self._wait_s))[0]
            codes = self._read() if ready else self._parts.idle(now)
            if codes:
                return codes
        return []

    def _read(self) -> list[bytes]:
        data = os.read(self._file, EVENT.size * 64)
        if not data:
            raise OSError(f"{self._settings.path} is gone")
        now, data = time.monotonic(), self._rest + data
        whole = len(data) // EVENT.size * EVENT.size
        self._rest = data[whole:]
        codes: list[bytes] = []
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == EV_KEY:
                if typed := self._typing.key(code, value):
                    codes += self._parts.take(typed, now)
            elif (kind, code) == (EV_SYN, SYN_DROPPED):
                self._parts.spoil()
        return codes
