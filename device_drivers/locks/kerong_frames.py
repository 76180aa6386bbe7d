"""The frames of Kerong's lock boards, in three dialects. Pure: values in, bytes out.

Source: Kerong Industry, "CU48 Protocol And Introduction" V2.1 (2020-03-23); CU48B and CU16 after public
implementations that agree with each other. `SUM` is the low byte of the sum of all bytes before it.

    CU48   ask 02 ADDR LOCK 50 03 SUM   reply 02 ADDR LOCK 65 D1..D6 03 SUM            unlock 02 ADDR LOCK 51 03 SUM
    CU48B  ask 02 ADDR LOCK 60 03 SUM   reply 02 ADDR LOCK 75 H1..H6 S1..S6 03 SUM     unlock 02 ADDR LOCK 61 03 SUM
    CU16   ask 02 ADDR 30 03 SUM        reply 02 ADDR 35 H1 H2 S1 S2 03 SUM            unlock 02 ADDR 31 03 SUM
           (ADDR = board * 16 + lock)

Lock 0x30 and address 0x0A (CU48), and the addresses from 0xA0 on (CU16), mean "all". No value of `KerongLock` or
`KerongBoard` becomes one of them; what does stands in `kerong_open_all` alone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from device_drivers.locks.board import Reading

STX: Final = 0x02
ETX: Final = 0x03
BOARDS: Final = 10
"""Addresses 0 to 9."""


class Dialect(StrEnum):
    """What a board speaks; it stands on the board."""

    CU48 = "cu48"
    CU48B = "cu48b"
    CU16 = "cu16"


class _Words(msgspec.Struct, frozen=True):
    """How a dialect says things."""

    ask: int
    unlock: int
    reply: int
    locks: int
    """How many a board has."""
    sensors: bool
    """Whether a reply carries object sensors behind the hooks."""


WORDS: Final = {
    Dialect.CU48: _Words(0x50, 0x51, 0x65, 48, sensors=False),
    Dialect.CU48B: _Words(0x60, 0x61, 0x75, 48, sensors=True),
    Dialect.CU16: _Words(0x30, 0x31, 0x35, 16, sensors=True),
}


def _check_range(what: str, value: int, count: int) -> None:
    if type(value) is not int or not 0 <= value < count:
        raise ValueError(f"{what} {value!r}: expected 0 to {count - 1}")


class KerongBoard(msgspec.Struct, frozen=True):
    """A board by its address switch. Raises `ValueError` for an address that is none, "all boards" among them."""

    dialect: Dialect
    address: int

    def __post_init__(self) -> None:
        if not isinstance(self.dialect, Dialect):
            raise ValueError(f"dialect {self.dialect!r}: expected {', '.join(Dialect)}")  # noqa: TRY004 - as above
        _check_range(f"{self.dialect} board", self.address, BOARDS)

    @property
    def locks(self) -> int:
        """How many it has."""
        return WORDS[self.dialect].locks

    @property
    def answers_pulses(self) -> bool:
        """The paper knows no acknowledgement; what one port of it calls so is not relied upon."""
        return False

    def lock(self, number: int) -> KerongLock:
        """The lock of this number as printed on the board, from 1. Raises `ValueError`."""
        return KerongLock(self, number - 1)

    def request(self) -> bytes:
        return _frame(self, 0, WORDS[self.dialect].ask)

    def reading(self, received: bytes) -> Reading | None:
        """The newest complete reply of this board. Its lock byte is noise, by the paper's own examples."""
        words = WORDS[self.dialect]
        head, data = (3, 4) if self.dialect is Dialect.CU16 else (4, 12 if words.sensors else 6)
        size = head + data + 2
        for at in range(len(received) - size, -1, -1):
            frame = received[at : at + size]
            address = frame[1] >> 4 if self.dialect is Dialect.CU16 else frame[1]
            framed = frame[0] == STX and frame[-2] == ETX and frame[-1] == _sum(frame[:-1])
            if framed and frame[head - 1] == words.reply and address == self.address:
                return _reading(frame[head:-2], words)
        return None

    def on_opening(self) -> None:
        """A Kerong board times its pulses itself and holds no coil."""


class KerongLock(msgspec.Struct, frozen=True):
    """One lock of one board. Raises `ValueError` for an index that its board does not have, "all locks" among them."""

    board: KerongBoard
    index: int
    """From 0."""

    def __post_init__(self) -> None:
        if not isinstance(self.board, KerongBoard):
            raise ValueError(f"board {self.board!r}: expected a Board")  # noqa: TRY004 - one error for what cannot be
        _check_range(f"lock of {self.board.dialect}", self.index, self.board.locks)

    def pulse(self) -> bytes:
        return _frame(self.board, self.index, WORDS[self.board.dialect].unlock)

    def acknowledged(self, received: bytes) -> None:
        """Nothing is said."""


def _frame(board: KerongBoard, index: int, command: int) -> bytes:
    if board.dialect is Dialect.CU16:
        frame = bytes([STX, board.address << 4 | index, command, ETX])
    else:
        frame = bytes([STX, board.address, index, command, ETX])
    return frame + bytes([_sum(frame)])


def _sum(data: bytes) -> int:
    return sum(data) & 0xFF


def _reading(data: bytes, words: _Words) -> Reading:
    if not words.sensors:
        return Reading(int.from_bytes(data, "little"))
    half = len(data) // 2
    return Reading(int.from_bytes(data[:half], "little"), int.from_bytes(data[half:], "little"))
