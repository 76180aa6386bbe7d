"""The frames of Waveshare's Modbus RTU relay boards. Pure: values in, bytes out.

Source: Waveshare wiki, "Modbus RTU Relay" and "(D)", protocol V3. A relay opens a lock by "flash-on": function 05 at
0x0200 + channel, whose *value* is the pulse in tenths of a second; the board ends it by itself.

    pulse relay 1, 700 ms   01 05 02 00 00 07 8D B0   reply: the same
    read 8 inputs           01 02 00 00 00 08 79 CC   reply: 01 02 01 BITS CRC
    read 8 relays           01 01 00 00 00 08 3D CC   reply: 01 01 01 BITS CRC
    all relays off          01 05 00 FF 00 00 FD FA   reply: the same

The trap in it: to a Modbus library function 05 writes FF00 for "on", which at 0x0200 is 65,280 tenths, 109 minutes of
power on a solenoid. Nothing here switches a relay on; it pulses, for at most `MAX_PULSE_TENTHS`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from device_drivers.locks.board import Reading

READ_RELAYS, READ_INPUTS, WRITE = 0x01, 0x02, 0x05
ALL_OFF: Final = (0x00FF, 0x0000)
FLASH_ON: Final = 0x0200
REFUSED: Final = 0x80
MAX_CHANNELS: Final = 32
"""Channels of the largest board."""
MAX_PULSE_TENTHS: Final = 20
"""The longest pulse in tenths of a second. Solenoids are made for half a second."""


def _check_range(what: str, value: int, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{what} {value!r}: expected {least} to {most}")


class RelayBoard(msgspec.Struct, frozen=True):
    """A board by its Modbus address. Raises `ValueError` for an address that is none, the broadcast among them."""

    address: int
    """1 to 247."""
    channels: int = 8
    """Relays on it: 1 to 32."""
    inputs: bool = True
    """Whether it has an input for each relay, with the lock's contact on it."""
    tenths: int = 5
    """How long a pulse is, in tenths of a second: 1 to 20."""

    def __post_init__(self) -> None:
        _check_range("board", self.address, 1, 247)
        _check_range("channels", self.channels, 1, MAX_CHANNELS)
        _check_range("pulse", self.tenths, 1, MAX_PULSE_TENTHS)

    @property
    def locks(self) -> int:
        """How many it has."""
        return self.channels

    @property
    def answers_pulses(self) -> bool:
        """It repeats the frame."""
        return True

    def lock(self, number: int) -> RelayLock:
        """The lock on the relay of this number, from 1. Raises `ValueError`."""
        return RelayLock(self, number - 1)

    def request(self) -> bytes:
        """Its inputs; where it has none its relays, which says at least that it is there."""
        return _frame(self, READ_INPUTS if self.inputs else READ_RELAYS, 0, self.channels)

    def reading(self, received: bytes) -> Reading | None:
        octets = -(-self.channels // 8)
        head = bytes([self.address, READ_INPUTS if self.inputs else READ_RELAYS, octets])
        for at in range(len(received) - octets - 5, -1, -1):
            frame = received[at : at + octets + 5]
            if frame.startswith(head) and _crc(frame[:-2]) == frame[-2:]:
                return Reading(int.from_bytes(frame[3:-2], "little") if self.inputs else 0)
        return None

    def on_opening(self) -> bytes:
        """All relays off: whatever was on when the last conversation broke off."""
        return _frame(self, WRITE, *ALL_OFF)


class RelayLock(msgspec.Struct, frozen=True):
    """One lock on one relay. Raises `ValueError` for a relay that its board does not have."""

    board: RelayBoard
    index: int
    """From 0."""

    def __post_init__(self) -> None:
        if not isinstance(self.board, RelayBoard):
            raise ValueError(f"board {self.board!r}: expected a Board")  # noqa: TRY004 - one error for what cannot be
        _check_range("relay", self.index, 0, self.board.channels - 1)

    def pulse(self) -> bytes:
        return _frame(self.board, WRITE, FLASH_ON + self.index, self.board.tenths)

    def acknowledged(self, received: bytes) -> bool | None:
        if self.pulse() in received:
            return True
        head = bytes([self.board.address, WRITE | REFUSED])
        at = received.find(head)
        refusal = received[at : at + 5]
        return False if at >= 0 and len(refusal) == 5 and _crc(refusal[:-2]) == refusal[-2:] else None


def _frame(board: RelayBoard, function: int, where: int, value: int) -> bytes:
    frame = bytes([board.address, function]) + where.to_bytes(2, "big") + value.to_bytes(2, "big")
    return frame + _crc(frame)


def _crc(data: bytes) -> bytes:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")
