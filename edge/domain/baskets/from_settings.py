"""The rules of baskets as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.baskets.holding import agree
from edge.domain.callers import asked_by
from edge.journal import Tx

if TYPE_CHECKING:
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over the rules of baskets; only what differs becomes a fact."""
    agree(tx, settings.baskets)
