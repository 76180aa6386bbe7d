"""Carts and their rules as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.domain.callers import asked_by
from edge.domain.carts import care, carts
from edge.journal import Tx

if TYPE_CHECKING:
    from edge.settings.settings import Settings

HOUR_MS: Final = 3_600_000


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over the carts and their rules; only what differs becomes a fact."""
    agreed = settings.carts
    carts.stock(tx, [device.id for device in settings.devices if device.kind == "cart"])
    care.agree(
        tx,
        care.CartRules(
            deposit=agreed.deposit, away_ms=int(agreed.hours * HOUR_MS), low=agreed.low_battery, find_s=agreed.find_s
        ),
    )
