"""A bank drawn to scale: its doors in columns, as high as what fits behind them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from device_drivers.contract.answers.lockers import LockerDoor

HEIGHTS: Final = {"S": 20, "M": 32, "L": 66}
"""Inner height in centimetres; each is 34 wide and 40 deep."""
COLUMN: Final = 132


class Placed(msgspec.Struct, frozen=True):
    """Where a door is drawn, in parts of the bank: from the left, from the top."""

    name: str
    state: str
    size: str
    x: float
    y: float
    width: float
    height: float
    column: int
    row: int


class Drawn(msgspec.Struct, frozen=True):
    """A whole bank."""

    doors: tuple[Placed, ...] = ()
    columns: int = 0

    def at(self, name: str) -> Placed | None:
        """Where a door is."""
        return next((door for door in self.doors if door.name == name), None)

    def is_last(self, door: Placed) -> bool:
        """Whether no door of its column is below it."""
        return not any(other.column == door.column and other.row > door.row for other in self.doors)


def drawn(doors: Iterable[LockerDoor]) -> Drawn:
    """The doors in their order, column by column, none higher than the bank."""
    columns: list[list[LockerDoor]] = []
    used = COLUMN + 1
    for door in doors:
        height = HEIGHTS.get(door.size, 20)
        if used + height > COLUMN or (columns and columns[-1][0].size != door.size):
            columns.append([])
            used = 0
        columns[-1].append(door)
        used += height
    placed: list[Placed] = []
    for column, found in enumerate(columns):
        placed += _column(column, len(columns), found)
    return Drawn(tuple(placed), len(columns))


def _column(column: int, columns: int, found: list[LockerDoor]) -> list[Placed]:
    whole = sum(HEIGHTS.get(door.size, 20) for door in found)
    scale = 1 / max(whole, COLUMN * 0.9)
    placed, top = [], 0.0
    for row, door in enumerate(found):
        high = HEIGHTS.get(door.size, 20) * scale
        placed.append(Placed(door.name, door.state, door.size, column / columns, top, 1 / columns, high, column, row))
        top += high
    return placed
