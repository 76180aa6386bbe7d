"""Which door is which lock of which board, whoever made the boards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

import msgspec

from device_drivers.locks.wiring import Wiring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from device_drivers.locks.board import Lock


class Numbered(Protocol):
    """A board whose locks have numbers printed on it."""

    @property
    def locks(self) -> int:
        """How many it has."""

    def lock(self, number: int) -> Lock:
        """The lock of this number, from 1. Raises `ValueError`."""


class Doors(Wiring, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings that say it."""

    boards: Annotated[tuple[int, ...], msgspec.Meta(min_length=1)]
    """The addresses of the boards, in the order of their doors."""
    locks: int | None = None
    """How many locks are wired to each board; None where all are."""
    doors: dict[str, str] = msgspec.field(default_factory=dict)
    """Doors by name as `board/lock`, the lock as printed on the board, from 1: `{"01" = "0/7"}`. Where this is empty,
    the doors are named "01", "02" … through all boards.
    """
    blind: tuple[str, ...] = ()
    """Doors whose contact is not wired, or broken: they are opened without being looked at."""

    def on(self, boards: Mapping[int, Numbered]) -> dict[str, Lock]:
        """The lock of each door. Raises `ValueError`."""
        if len(boards) != len(self.boards):
            raise ValueError(f"boards {list(self.boards)}: one stands there twice")
        if self.doors:
            doors = {name: lock_at(boards, place) for name, place in self.doors.items()}
            if len(set(doors.values())) != len(doors):
                raise ValueError("doors: two of them are the same lock")
            return doors
        locks = [
            board.lock(number)
            for board in boards.values()
            for number in range(1, (board.locks if self.locks is None else self.locks) + 1)
        ]
        if not locks:
            raise ValueError(f"locks {self.locks}: a bank has at least one")
        return {f"{number:02d}": lock for number, lock in enumerate(locks, start=1)}


def lock_at(boards: Mapping[int, Numbered], place: str) -> Lock:
    """The lock of `board/lock`. Raises `ValueError`."""
    address, _, number = place.partition("/")
    if not (address.isascii() and address.isdigit() and number.isascii() and number.isdigit()):
        raise ValueError(f"lock {place!r}: expected board/lock such as 0/7")
    if int(address) not in boards:
        raise ValueError(f"lock {place!r}: board {address} is none of {sorted(boards)}")
    board = boards[int(address)]
    if not 1 <= int(number) <= board.locks:
        raise ValueError(f"lock {place!r}: board {address} has locks 1 to {board.locks}")
    return board.lock(int(number))


def board_of(place: str) -> int:
    """The board's address in `board/lock`; -1 where there is none."""
    address = place.partition("/")[0]
    return int(address) if address.isascii() and address.isdigit() else -1
