"""What lines of products may refer to in a store's settings."""

from __future__ import annotations

from edge.domain.coupons.facts import ARTS
from edge.products.values import StoreContext
from edge.settings.settings import Settings
from words.countries import decimals


def store_of(settings: Settings) -> StoreContext:
    """The store's shelves, drawings and money."""
    return StoreContext(
        shelves=frozenset(point.touchpoint for point in settings.touchpoints if point.purpose == "shelf"),
        arts=frozenset(ARTS),
        decimals=decimals(settings.store.currency),
        currency=settings.store.currency,
        zone=settings.store.zone,
    )
