"""A locker bank on Kerong lock boards: CU48, CU48B, CU16; RS-485 or TCP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from device_drivers.locks.bank import Bank
from device_drivers.locks.doors import Doors
from device_drivers.locks.kerong_frames import Dialect, KerongBoard

if TYPE_CHECKING:
    from pathlib import Path

LINE: Final = (19200, 0.003)
"""The boards' baud rate as delivered, and the silence between two frames in seconds."""


class Settings(Doors, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The boards of a bank, and which door is which lock."""

    dialect: Dialect
    """What stands on the boards: `cu48`, `cu48b` or `cu16`."""
    boards: Annotated[tuple[Annotated[int, msgspec.Meta(ge=0, le=9)], ...], msgspec.Meta(min_length=1)] = (0,)
    """The address switches of the boards, 0 to 9, in the order of their doors."""


class Driver(Bank):
    """The bank."""

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        boards = {address: KerongBoard(settings.dialect, address) for address in settings.boards}
        super().__init__(settings.on(boards), settings, LINE, settings.blind)
