"""What goes with a product: what the catalogue says, and then what the store's own baskets say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.baskets.habits import companions
from edge.products.scenes import together

if TYPE_CHECKING:
    from edge.journal import Reads
    from edge.products import Product
    from edge.products.version import Version


def bought_together(reads: Reads, version: Version, product: Product, most: int) -> list[Product]:
    """Returns what is often in the same basket, as far as the store has it now."""
    said = together(version, product)
    learned = (version.find(each.gtin) for each in companions(reads, [product.gtin], most))
    known = {each.gtin for each in said}
    return [*said, *(each for each in learned if each and each.here and each.gtin not in known)][:most]
