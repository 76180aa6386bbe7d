"""The store and its zones as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.callers import asked_by
from edge.domain.store.decisions import define_zones, describe
from edge.journal import Tx

if TYPE_CHECKING:
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over what the store is, and its zones; only what differs becomes a fact."""
    describe(tx, settings.store.described)
    define_zones(tx, settings.zones)
