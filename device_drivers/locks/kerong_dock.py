"""A cart in a dock whose hook hangs on a Kerong lock board. Each cart of a dock is one device; they share the port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_drivers.locks.dock import Dock
from device_drivers.locks.doors import board_of, lock_at
from device_drivers.locks.kerong import LINE
from device_drivers.locks.kerong_frames import Dialect, KerongBoard
from device_drivers.locks.wiring import Wiring

if TYPE_CHECKING:
    from pathlib import Path


class Settings(Wiring, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the cart's hook is."""

    dialect: Dialect
    """What stands on the board: `cu48`, `cu48b` or `cu16`."""
    lock: str
    """The hook as `board/lock`, the lock as printed on the board, from 1: `0/7`."""
    blind: bool = False
    """The hook's contact is not wired, or broken: it is opened without being looked at."""


class Driver(Dock):
    """The cart."""

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        address = board_of(settings.lock)
        hook = lock_at({address: KerongBoard(settings.dialect, address)}, settings.lock)
        super().__init__(hook, settings, LINE, blind=settings.blind)
