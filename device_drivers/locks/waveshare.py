"""A locker bank on Waveshare Modbus RTU relay boards, the contacts of the locks on their inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from device_drivers.locks.bank import Bank
from device_drivers.locks.doors import Doors
from device_drivers.locks.waveshare_frames import MAX_CHANNELS, MAX_PULSE_TENTHS, RelayBoard

if TYPE_CHECKING:
    from pathlib import Path

LINE: Final = (9600, 0.006)
"""The boards' baud rate as delivered, and the silence between two frames in seconds: without it the second board misses
every frame.
"""
Pulse = Annotated[int, msgspec.Meta(ge=100, le=MAX_PULSE_TENTHS * 100, multiple_of=100)]
Channels = Annotated[int, msgspec.Meta(ge=1, le=MAX_CHANNELS)]


class Settings(Doors, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The boards of a bank, and which door is which relay."""

    boards: Annotated[tuple[Annotated[int, msgspec.Meta(ge=1, le=247)], ...], msgspec.Meta(min_length=1)] = (1,)
    """The Modbus addresses of the boards, 1 to 247, in the order of their doors."""
    channels: Channels = 8
    """Relays on each board."""
    inputs: bool = True
    """Whether input n of a board is wired to the contact of the lock on its relay n. Without, every door is blind."""
    pulse_ms: Pulse = 500
    """How long a lock gets power, in steps of 100 ms. The board ends it by itself."""


class Driver(Bank):
    """The bank."""

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        boards = {
            address: RelayBoard(address, settings.channels, settings.inputs, settings.pulse_ms // 100)
            for address in settings.boards
        }
        doors = settings.on(boards)
        super().__init__(doors, settings, LINE, settings.blind if settings.inputs else tuple(doors))
