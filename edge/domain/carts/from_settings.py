"""Carts and their rules as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.callers import asked_by
from edge.domain.carts import care
from edge.domain.carts.decisions import stock
from edge.journal import Tx

if TYPE_CHECKING:
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over the carts and their rules; only what differs becomes a fact."""
    stock(tx, [device.id for device in settings.devices if device.kind == "cart"])
    care.agree(tx, settings.carts)
