"""What the store sells: versions of the catalogue as files of their own, and the one that is in force."""

from edge.products.product import Product
from edge.products.products import Products

__all__ = ["Product", "Products"]
