"""The products of the version in force: found by code and by words."""

from __future__ import annotations

from edge.products.product import Product


class Products:
    """What the gateway asks. Every question is answered from one whole version of the catalogue."""

    version: str | None = None
    """Name of the version in force; none before the first."""

    def find(self, gtin: str) -> Product | None:  # noqa: ARG002 - answers come with the first version
        """The product of a GTIN-8, -12, -13 or -14; none where the catalogue has none."""
        return None

    def search(self, words: str, limit: int = 20, language: str = "zh-CN") -> list[Product]:  # noqa: ARG002
        """Products whose name or brand has these words, the best first."""
        return []
