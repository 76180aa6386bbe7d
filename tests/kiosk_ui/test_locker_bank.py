"""The drawing of a bank: to scale, column by column; and where a door is, in words."""

from __future__ import annotations

import itertools

import pytest

from device_drivers.contract.answers.lockers import LockerDoor
from kiosk_ui.screens.lockers.bank import drawn


def doors(*sizes: str) -> list[LockerDoor]:
    return [LockerDoor(f"{place + 1:02}", size, "free") for place, size in enumerate(sizes)]


def test_the_usual_bank_of_twelve_has_three_columns() -> None:
    found = drawn(doors(*"SSSSSSMMMMLL"))
    assert found.columns == 3
    assert [door.column for door in found.doors] == [0] * 6 + [1] * 4 + [2] * 2
    small, large = found.at("01"), found.at("11")
    assert small is not None
    assert large is not None
    assert large.height == pytest.approx(66 / 132)
    assert small.height < large.height / 2.9
    assert found.is_last(found.doors[5])
    assert not found.is_last(small)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 60, 240])
def test_no_door_is_drawn_outside_or_over_another(count: int) -> None:
    found = drawn(doors(*("SML"[place * 3 // max(1, count)] for place in range(count))))
    assert len(found.doors) == count
    for door in found.doors:
        assert 0 <= door.x < door.x + door.width <= 1 + 1e-9
        assert 0 <= door.y < door.y + door.height <= 1 + 1e-9
    for column in range(found.columns):
        stack = [door for door in found.doors if door.column == column]
        assert all(below.y >= above.y + above.height - 1e-9 for above, below in itertools.pairwise(stack))
