"""A scanner that types: a USB keyboard, read past the desktop (Linux evdev), US layout.

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
from device_drivers.scanners.line_scanner import WAIT_S, LineScanner

if TYPE_CHECKING:
    from pathlib import Path

EVENT: Final = struct.Struct("llHHi")
"""Seconds, microseconds, type, code, value (linux/input.h)."""
EV_SYN, EV_KEY, SYN_DROPPED = 0, 1, 3
EVIOCGRAB: Final = 0x40044590
SHIFT, CONTROL, ALT, CAPS_LOCK = frozenset({42, 54}), frozenset({29, 97}), 56, 58
END: Final = b"\r\n\t"
"""Some scanners type control characters with Ctrl: Ctrl+M, Ctrl+J and Ctrl+I end a code as Enter and Tab do."""


def _layout() -> dict[int, tuple[str, str]]:
    rows = {
        2: ("1234567890-=", "!@#$%^&*()_+"),
        16: ("qwertyuiop[]", "QWERTYUIOP{}"),
        30: ("asdfghjkl;'`", 'ASDFGHJKL:"~'),
        43: ("\\zxcvbnm,./", "|ZXCVBNM<>?"),
    }
    keys = {first + place: pair for first, row in rows.items() for place, pair in enumerate(zip(*row, strict=True))}
    for code, digit in zip((71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 83), "7894561230.", strict=True):
        keys[code] = (digit, digit)
    for code, sign in {55: "*", 74: "-", 78: "+", 98: "/", 117: "=", 57: " "}.items():
        keys[code] = (sign, sign)
    return keys | dict.fromkeys((28, 96, 15), ("\n", "\n"))  # Enter, keypad Enter, Tab


KEYS: Final = _layout()
"""Characters by key code, without and with shift."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which keyboard is the scanner."""

    path: Annotated[str, msgspec.Meta(min_length=1)]
    """`/dev/input/by-id/usb-…-event-kbd`; the numbers of `/dev/input/event…` change with every plugging in."""
    silence_ms: Annotated[int, msgspec.Meta(ge=20, le=5000)] = 150
    """A code without Enter or Tab behind it is complete after so much silence."""
    grab: bool = True
    """Keeps the codes from being typed elsewhere too. Only a test has reason to say false."""


class Driver(LineScanner):
    """The scanner."""

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        super().__init__(_Keyboard(settings), ("utf-8",))
        self.claims = (Claim(settings.path, key="path"),)


class Typing:
    """From keys to bytes. Only what is pressed counts: not what is let go, and not a key that repeats."""

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._caps = False
        self._number = ""
        """Digits that were typed while Alt was held: together they are one character."""

    def key(self, code: int, value: int) -> bytes:
        """What this key types now; nothing for most of them."""
        if code in SHIFT | CONTROL | {ALT}:
            (self._held.add if value else self._held.discard)(code)
        if code == ALT and not value:
            number, self._number = self._number, ""
            return bytes([int(number) & 0xFF]) if number else b""
        if value != 1:
            return b""
        if code == CAPS_LOCK:
            self._caps = not self._caps
        if code not in KEYS:
            return b""
        shift = bool(self._held & SHIFT)
        plain = KEYS[code][0]
        if ALT in self._held and plain.isdigit():
            self._number += plain
            return b""
        letter = KEYS[code][shift != self._caps if plain.isalpha() else shift]
        if self._held & CONTROL and plain != "\n":
            return bytes([ord(letter.upper()) & 0x1F])  # Ctrl+] is the group separator of GS1 codes
        return letter.encode()


class _Keyboard:
    """A `CodeSource` on an input device."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wait_s = min(WAIT_S, settings.silence_ms / 1000)
        self._file = -1

    def open(self) -> None:
        self._typing = Typing()
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
