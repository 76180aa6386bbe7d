"""Where a product stands, and which of its shelves is the nearest."""

from __future__ import annotations

import math

import msgspec

from edge.products.product import Product
from edge.settings.settings import Settings
from words.languages import Words, in_words

At = tuple[float, float]
"""x, y in metres on the floor plan."""


class Place(msgspec.Struct, frozen=True):
    """A shelf."""

    shelf: str
    """Its touchpoint."""
    label: Words
    zone: str
    zone_name: Words
    at: At
    metres: float | None
    """As the crow flies from where it was asked; none where nobody knows from where."""


class Places:
    """The shelves of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._points = {point.id: point for point in settings.touchpoints}
        self._devices = {device.id: device.at for device in settings.devices}
        self._zones = {zone.id: in_words(zone.name) for zone in settings.zones}

    def at(self, name: str | None) -> At | None:
        """Where a touchpoint or a device is."""
        if name is None:
            return None
        point = self._points.get(name)
        return point.at if point else self._devices.get(name)

    def nearest(self, product: Product, here: At | None = None) -> Place | None:
        """The nearest of the product's shelves; the first of them where nobody knows from where."""
        found = [self._place(shelf, here) for shelf in product.shelves if shelf in self._points]
        return min(found, key=lambda place: place.metres or 0.0, default=None)

    def _place(self, shelf: str, here: At | None) -> Place:
        point = self._points[shelf]
        return Place(
            shelf,
            in_words(point.label),
            point.zone,
            self._zones.get(point.zone, {}),
            point.at,
            math.dist(here, point.at) if here else None,
        )
