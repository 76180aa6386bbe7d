"""Two commands that change one file of secrets at once: each says that it did, and both did."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from edge.secrets import credentials, operators, staff_pins, tills
from sync.cloud.leases import Budgets, SharedBudget

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

MANY = 6
PIN = "739251"


def pins(path: Path, name: str) -> None:
    staff_pins.put(path / "secrets/staff.toml", name, name, "staff", PIN)


def logins(path: Path, name: str) -> None:
    credentials.add_passwords(path / "secrets/devices.toml", [name])


FILES: dict[str, tuple[Callable[[Path, str], object], Callable[[Path], Collection[str]]]] = {
    "staff": (pins, lambda path: staff_pins.read(path / "secrets/staff.toml")),
    "operators": (
        lambda path, name: operators.put(path / "secrets/operators.toml", name, name, "horse-battery-staple"),
        lambda path: operators.read(path / "secrets/operators.toml"),
    ),
    "tills": (
        lambda path, name: tills.add(path / "secrets/tills.toml", name),
        lambda path: tills.read(path / "secrets/tills.toml"),
    ),
    "devices": (logins, lambda path: credentials.passwords(path)),  # noqa: PLW0108 - of a folder, unlike its neighbours
    "budgets": (
        lambda path, name: Budgets(path).set(name, SharedBudget(uses=1)),
        lambda path: Budgets(path).read(),
    ),
}


def at_once(*acts: Callable[[], object]) -> None:
    together = threading.Barrier(len(acts))
    wrong: list[BaseException] = []

    def do(act: Callable[[], object]) -> None:
        together.wait()
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - of a thread
            wrong.append(error)

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong, wrong


@pytest.mark.parametrize("kind", FILES)
def test_what_is_added_at_once_is_all_there(tmp_path: Path, kind: str) -> None:
    add, names = FILES[kind]
    wanted = [f"name-{number}" for number in range(MANY)]
    at_once(*(lambda name=name: add(tmp_path, name) for name in wanted))  # type: ignore[misc]
    assert sorted(names(tmp_path)) == wanted


def test_who_is_dismissed_while_others_are_appointed_does_not_come_back(tmp_path: Path) -> None:
    path = tmp_path / "secrets/tills.toml"
    gone = [f"gone-{number}" for number in range(MANY)]
    for each in gone:
        tills.add(path, each)
    at_once(
        *(lambda name=name: tills.remove(path, name) for name in gone),  # type: ignore[misc]
        *(lambda number=number: tills.add(path, f"new-{number}") for number in range(MANY)),  # type: ignore[misc]
    )
    assert sorted(tills.read(path)) == [f"new-{number}" for number in range(MANY)]
