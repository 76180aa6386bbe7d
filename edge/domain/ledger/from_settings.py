"""The ledger's rules and the points mall as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.callers import asked_by
from edge.domain.ledger.decisions import agree
from edge.domain.ledger.exchanging import offer
from edge.journal import Tx

if TYPE_CHECKING:
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over the rules and the points mall; only what differs becomes a fact."""
    agree(tx, settings.ledger)
    offer(tx, settings.mall)
