"""Sets a product on a screen: everything that is shown of it, in words that need no more thinking."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from device_drivers.contract import ProductScene, RelatedProduct
from edge.domain.layout import Layout
from edge.products import artwork, plain_words
from edge.products.pricing import ShelfPrice, price, weighed
from edge.products.product import Product
from edge.products.products import Products
from edge.products.shelf_locations import ShelfLocations
from edge.products.version import Version
from gs1.trade import Trade
from words.languages import Words, in_each

BESIDE = 3
"""Products that are shown beside one."""


class ProductScenes:
    """Makes scenes of the products of one store."""

    def __init__(self, products: Products, layout: Layout, public_url: str, here: Callable[[str], str] = str) -> None:
        """`here` makes of a device or touchpoint what the address of a product says of it."""
        self._products = products
        self._places = ShelfLocations(layout)
        self._layout = layout
        self._url = public_url
        self._here = here

    @property
    def _currency(self) -> str:
        return self._layout.store.currency

    def of(self, trade: Trade, now_ms: int, at: str | None = None) -> ProductScene | None:
        """The scene of what was scanned at a device or touchpoint; none where the catalogue does not have it."""
        version = self._products.current
        product = version.find(trade.gtin) if version else None
        if version is None or product is None:
            return None
        costs = price(product, now_ms)
        now, size = self._this_one(product, trade, costs, now_ms)
        whole = now == costs.now
        return ProductScene(
            gtin=product.gtin,
            name=in_each(product.name, self._layout.store.languages),
            currency=self._currency,
            art=artwork.art(product),
            tint=artwork.tint(product),
            price=now,
            was=costs.was if whole else None,
            for_=self._in_languages(plain_words.price_for, product) if whole else {},
            # What a kilogram is cheaper by is not what this bag is.
            promotion=self._in_languages(
                plain_words.promotion, costs if whole else replace(costs, was=None), self._currency
            ),
            per_unit={}
            if whole and product.sold_by == "kg"
            else self._in_languages(plain_words.per_unit, costs, self._currency),
            size=size,
            brand=in_each(product.brand, self._layout.store.languages),
            origin=in_each(product.origin, self._layout.store.languages),
            place=self._in_languages(plain_words.where, self._places.nearest(product, self._places.at(at))),
            picture=self._picture(product),
            url=f"{self._url}{product.href}" + (f"?from={self._here(at)}" if at else ""),
            goes_with=tuple(self._related(other, now_ms) for other in beside(version, product)),
        )

    def _this_one(self, product: Product, trade: Trade, costs: ShelfPrice, now_ms: int) -> tuple[int | None, Words]:
        """Price and size: of the very package, where its code tells them."""
        size = (
            self._in_languages(plain_words.grams, trade.weight_g)
            if trade.weight_g
            else self._in_languages(plain_words.size, product.size)
        )
        if trade.price is not None:
            return trade.price, size
        if trade.weight_g:
            by_weight = weighed(product, trade.weight_g, now_ms)
            return (costs.now if by_weight is None else by_weight), size
        return costs.now, size

    def _related(self, product: Product, now_ms: int) -> RelatedProduct:
        return RelatedProduct(
            in_each(product.name, self._layout.store.languages),
            artwork.art(product),
            artwork.tint(product),
            price(product, now_ms).now,
            self._picture(product),
        )

    def _in_languages(self, words: Callable[..., str], *about: object) -> Words:
        """What there is to say of it, in each of the store's languages; nothing where nothing is."""
        said = {language: words(*about, language) for language in self._layout.store.languages}
        return {language: text for language, text in said.items() if text}

    def _picture(self, product: Product) -> str:
        return f"{self._url}{product.href}/picture" if product.picture else ""


def together(version: Version, product: Product) -> list[Product]:
    """What is often in the same basket, as the catalogue says, as far as the store has it."""
    found = (version.find(other) for other in product.goes_with)
    return [other for other in found if other is not None and other.here]


def alike(version: Version, product: Product, most: int) -> list[Product]:
    """Others of the same category that the store has."""
    near = version.in_category(product.category, most + 1 + len(product.goes_with))
    return [each for each in near if each.here and each.gtin != product.gtin and each.gtin not in product.goes_with][
        :most
    ]


def beside(version: Version, product: Product) -> list[Product]:
    """A few to show with it: first from the same basket, then of the same category."""
    return [*together(version, product), *alike(version, product, BESIDE)][:BESIDE]
