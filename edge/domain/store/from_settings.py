"""The store and its zones as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.callers import asked_by
from edge.domain.store.decisions import define_zones, describe
from edge.domain.store.facts import StoreDescribed
from edge.journal import Tx
from words.languages import in_words

if TYPE_CHECKING:
    from edge.settings.settings import Settings, StoreSettings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over what the store is, and its zones; only what differs becomes a fact."""
    describe(tx, described(settings.store))
    define_zones(tx, settings.zones)


def described(store: StoreSettings) -> StoreDescribed:
    """What the settings say the store is."""
    return StoreDescribed(
        name=in_words(store.name),
        currency=store.currency,
        region=store.region,
        timezone=store.zone.key,
        languages=tuple(store.languages),
        contact=store.contact,
    )
