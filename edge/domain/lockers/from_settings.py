"""Banks, doors and rules of lockers as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.callers import asked_by
from edge.domain.lockers.decisions import PlannedDoor, install
from edge.domain.lockers.rules import Size
from edge.journal import Tx

if TYPE_CHECKING:
    from edge.settings.banks_and_codes import BankSettings
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over the banks, their doors and the rules; only what differs becomes a fact."""
    banks = {device.id: _doors(device.bank) for device in settings.devices if device.kind == "locker"}
    install(tx, banks, settings.lockers)


def _doors(bank: BankSettings) -> list[PlannedDoor]:
    sizes: list[tuple[Size, tuple[str, ...]]] = [("S", bank.S), ("M", bank.M), ("L", bank.L)]
    doors = [PlannedDoor(name, size, low=name in bank.low) for size, names in sizes for name in names]
    return sorted(doors, key=lambda door: door.name)
