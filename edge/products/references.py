"""What lines of products may refer to in a store's settings."""

from __future__ import annotations

from typing import get_args

from edge.products.values import Store
from edge.settings.settings import Art, Settings
from words.countries import decimals


def store_of(settings: Settings) -> Store:
    """The store's shelves, drawings and money."""
    return Store(
        shelves=frozenset(point.id for point in settings.touchpoints if point.purpose == "shelf"),
        arts=frozenset(get_args(Art)),
        decimals=decimals(settings.store.currency),
        currency=settings.store.currency,
        zone=settings.store.zone,
    )
