"""What lines of products may refer to in a store's settings."""

from __future__ import annotations

from edge.domain.coupons.facts import ARTS
from edge.products.values import Store
from edge.settings.settings import Settings
from words.countries import decimals


def store_of(settings: Settings) -> Store:
    """The store's shelves, drawings and money."""
    return Store(
        shelves=frozenset(point.touchpoint for point in settings.touchpoints if point.purpose == "shelf"),
        arts=frozenset(ARTS),
        decimals=decimals(settings.store.currency),
        currency=settings.store.currency,
        zone=settings.store.zone,
    )
