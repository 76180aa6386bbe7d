"""A cart in a dock whose hook hangs on a Kerong lock board. Each cart of a dock is one device; they share the port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from device_drivers.locks.dock import Dock
from device_drivers.locks.kerong import LINE, lock_at
from device_drivers.locks.kerong_frames import BOARDS, Board, Dialect
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
        boards = {address: Board(settings.dialect, address) for address in range(BOARDS)}
        super().__init__(lock_at(boards, settings.lock), settings, LINE, blind=settings.blind)
