"""Where a product stands, and which of its shelves is the nearest."""

from __future__ import annotations

import math

import msgspec

from edge.domain.layout import Layout
from edge.domain.touchpoints.queries import TouchpointPlace
from edge.products.product import Product
from words.languages import Words, in_words

At = tuple[float, float]
"""x, y in metres on the floor plan."""


class ShelfLocation(msgspec.Struct, frozen=True):
    """A shelf."""

    shelf: str
    """Its touchpoint."""
    label: Words
    zone: str
    zone_name: Words
    at: At
    metres: float | None
    """As the crow flies from where it was asked; none where nobody knows from where."""


class ShelfLocations:
    """The shelves that there are now."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def at(self, name: str | None) -> At | None:
        """Where a touchpoint or a device is; none for what somebody wears."""
        point = self._layout.touchpoint(name)
        if point is not None:
            return None if point.carried else point.at
        device = self._layout.device(name)
        return device.at if device else None

    def nearest(self, product: Product, here: At | None = None) -> ShelfLocation | None:
        """The nearest of the product's shelves; the first of them where nobody knows from where."""
        points = [point for shelf in product.shelves if (point := self._layout.touchpoint(shelf)) is not None]
        found = [self._place(point, here) for point in points]
        return min(found, key=lambda place: place.metres or 0.0, default=None)

    def _place(self, point: TouchpointPlace, here: At | None) -> ShelfLocation:
        return ShelfLocation(
            point.id,
            in_words(point.label),
            point.zone,
            in_words(self._layout.zone_names.get(point.zone, {})),
            point.at,
            math.dist(here, point.at) if here else None,
        )
