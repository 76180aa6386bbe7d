"""A locker bank on Kerong lock boards: CU48, CU48B, CU16; RS-485 or TCP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from device_drivers.locks.bank import Bank
from device_drivers.locks.kerong_frames import WORDS, Board, Dialect, Lock
from device_drivers.locks.wiring import Wiring

if TYPE_CHECKING:
    from pathlib import Path

LINE: Final = (19200, 0.003)
"""The boards' baud rate as delivered, and the silence between two frames in seconds."""


class Settings(Wiring, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The boards of a bank, and which door is which lock."""

    dialect: Dialect
    """What stands on the boards: `cu48`, `cu48b` or `cu16`."""
    boards: Annotated[tuple[int, ...], msgspec.Meta(min_length=1)] = (0,)
    """The address switches of the boards, in the order of their doors."""
    locks: int | None = None
    """How many locks are wired to each board; None where all are."""
    doors: dict[str, str] = msgspec.field(default_factory=dict)
    """Doors by name as `board/lock`, the lock as printed on the board, from 1: `{"01" = "0/7"}`. Where this is empty,
    the doors are named "01", "02" … through all boards.
    """
    blind: tuple[str, ...] = ()
    """Doors whose contact is not wired, or broken: they are opened without being looked at."""


class Driver(Bank):
    """The bank."""

    def __init__(self, settings: Settings, folder: Path) -> None:  # noqa: ARG002 - it keeps nothing
        super().__init__(_doors(settings), settings, LINE, settings.blind)


def _doors(settings: Settings) -> dict[str, Lock]:
    boards = {address: Board(settings.dialect, address) for address in settings.boards}
    if len(boards) != len(settings.boards):
        raise ValueError(f"boards {list(settings.boards)}: one stands there twice")
    if settings.doors:
        doors = {name: lock_at(boards, place) for name, place in settings.doors.items()}
        if len(set(doors.values())) != len(doors):
            raise ValueError("doors: two of them are the same lock")
        return doors
    count = WORDS[settings.dialect].locks if settings.locks is None else settings.locks
    locks = [board.lock(number) for board in boards.values() for number in range(1, count + 1)]
    if not locks:
        raise ValueError(f"locks {count}: a bank has at least one")
    return {f"{number:02d}": lock for number, lock in enumerate(locks, start=1)}


def lock_at(boards: dict[int, Board], place: str) -> Lock:
    """The lock of `board/lock`. Raises `ValueError`."""
    address, _, number = place.partition("/")
    if not (address.isascii() and address.isdigit() and number.isascii() and number.isdigit()):
        raise ValueError(f"lock {place!r}: expected board/lock such as 0/7")
    if int(address) not in boards:
        raise ValueError(f"lock {place!r}: board {address} is none of {sorted(boards)}")
    return boards[int(address)].lock(int(number))
