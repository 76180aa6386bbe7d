"""ESC/POS as its reference describes it: which bytes make up one command. Unknown bytes are an error, not something
to skip: a real printer would print them.

Written from the command reference and not from the driver, so that the driver's mistakes do not look right here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

# Commands with a fixed number of parameter bytes.
FIXED = {
    b"\x1b@": 0, b"\x1b!": 1, b"\x1bE": 1, b"\x1bG": 1, b"\x1ba": 1, b"\x1bd": 1, b"\x1bJ": 1, b"\x1b2": 0,
    b"\x1b3": 1, b"\x1bt": 1, b"\x1bM": 1, b"\x1b ": 1, b"\x1b{": 1, b"\x1b-": 1, b"\x1b$": 2, b"\x1b\\": 2,
    b"\x1bp": 3, b"\x1bR": 1, b"\x1d!": 1, b"\x1dB": 1, b"\x1da": 1, b"\x1dr": 1, b"\x1dI": 1, b"\x1dh": 1,
    b"\x1dw": 1, b"\x1df": 1, b"\x1dH": 1, b"\x1dP": 2, b"\x1dL": 2, b"\x1dW": 2, b"\x1c&": 0, b"\x1c.": 0,
    b"\x1cS": 2, b"\x1cC": 1, b"\x1c-": 1, b"\x1c!": 1, b"\x1b\x06": 1,
    b"\x10\x04": 1, b"\x10\x05": 1,
}  # fmt: skip
SINGLE = b"\x00\x0a\x0d"
"""NUL (ignored), LF, CR (ignored, as the serial and USB interfaces do by default)."""
DLE_DC4 = {1: 2, 2: 2, 7: 1, 8: 7}
"""`DLE DC4 fn`: parameter bytes after fn."""


class Command(NamedTuple):
    """One command: what it is, and the bytes after that."""

    name: bytes
    data: bytes = b""

    def __repr__(self) -> str:
        return f"{' '.join(f'{byte:02X}' for byte in self.name)}{f' {self.data[:24]!r}' if self.data else ''}"


class NotEscPos(ValueError):
    """Bytes that the reference does not know."""


class _Incomplete(Exception):
    """The rest of the command has not come yet."""


def take(data: bytes) -> tuple[Command, int] | None:
    """The first command and its length; None where more bytes must come first. Raises `NotEscPos`."""
    try:
        return _take(data)
    except (_Incomplete, IndexError):
        return None


def commands(data: bytes) -> list[Command]:
    """All of them. Raises `NotEscPos`, also for a command that ends too early."""
    found, at = [], 0
    while at < len(data):
        taken = take(data[at:])
        if taken is None:
            raise NotEscPos(f"the last command is cut off: {data[at : at + 20]!r}")
        found.append(taken[0])
        at += taken[1]
    return found


def _take(data: bytes) -> tuple[Command, int]:
    first = data[0]
    if first >= 0x20:
        return _text(data)
    if first in SINGLE:
        return Command(data[:1]), 1
    name = data[:2]
    if len(name) < 2:
        raise _Incomplete
    if name in FIXED:
        return _sized(name, data, FIXED[name])
    if name in _SPECIAL:
        if len(data) < 3:
            raise _Incomplete
        return _SPECIAL[name](data)
    raise NotEscPos(f"no such command: {data[:12]!r}")


def _sized(name: bytes, data: bytes, size: int) -> tuple[Command, int]:
    end = len(name) + size
    if len(data) < end:
        raise _Incomplete
    return Command(name, data[len(name) : end]), end


def _text(data: bytes) -> tuple[Command, int]:
    end = next((at for at, byte in enumerate(data) if byte < 0x20), len(data))
    return Command(b"", data[:end]), end


def _cut(data: bytes) -> tuple[Command, int]:
    mode = data[2]
    if mode in (0, 1, 48, 49):
        return _sized(b"\x1dV", data, 1)
    if mode in (65, 66, 97, 98, 103, 104):
        return _sized(b"\x1dV", data, 2)
    raise NotEscPos(f"GS V {mode}")


def _raster(data: bytes) -> tuple[Command, int]:
    if data[2:3] != b"0" or data[3] not in (0, 1, 2, 3, 48, 49, 50, 51):
        raise NotEscPos(f"GS v {data[2:4]!r}")
    across, down = data[4] + 256 * data[5], data[6] + 256 * data[7]
    if not across or not down or down > 2303:
        raise NotEscPos(f"GS v 0 with {across} bytes by {down} dots")
    return _sized(b"\x1dv0", data, 5 + across * down)


def _bars(data: bytes) -> tuple[Command, int]:
    kind = data[2]
    if kind <= 6:
        end = data.find(0, 3)
        if end < 0:
            raise _Incomplete
        return Command(b"\x1dk", data[2:end]), end + 1
    if 65 <= kind <= 79:
        return _sized(b"\x1dk", data, 2 + data[3])
    raise NotEscPos(f"GS k {kind}")


def _counted(data: bytes) -> tuple[Command, int]:
    """`GS ( x` and `FS ( x`: two bytes say how many follow."""
    name = data[:3]
    if name not in (b"\x1d(k", b"\x1d(H", b"\x1d(L", b"\x1d(A", b"\x1d(D", b"\x1d(E", b"\x1c(A"):
        raise NotEscPos(f"no such command: {data[:8]!r}")
    command, end = _sized(name, data, 2 + data[3] + 256 * data[4])
    return Command(command.name, command.data[2:]), end


def _graphics(data: bytes) -> tuple[Command, int]:
    """`GS 8 L`: as `GS ( L`, with four bytes of length."""
    if data[2:3] != b"L":
        raise NotEscPos(f"no such command: {data[:8]!r}")
    command, end = _sized(b"\x1d8L", data, 4 + int.from_bytes(data[3:7], "little"))
    return Command(command.name, command.data[4:]), end


def _dle_dc4(data: bytes) -> tuple[Command, int]:
    if data[2] not in DLE_DC4:
        raise NotEscPos(f"DLE DC4 {data[2]}")
    return _sized(b"\x10\x14", data, 1 + DLE_DC4[data[2]])


_SPECIAL: dict[bytes, Callable[[bytes], tuple[Command, int]]] = {
    b"\x1dV": _cut,
    b"\x1dv": _raster,
    b"\x1dk": _bars,
    b"\x1d(": _counted,
    b"\x1c(": _counted,
    b"\x1d8": _graphics,
    b"\x10\x14": _dle_dc4,
}
