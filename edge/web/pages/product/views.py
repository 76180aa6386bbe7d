"""A product as a phone shows it: every word and figure in the caller's language. What is not known is not there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from edge.domain.catalogue import queries as catalogue_queries
from edge.domain.orders.rules import promised
from edge.gateway.basket_goods import away_of
from edge.products import artwork, plain_words
from edge.products.comparison import compared
from edge.products.pricing import price
from edge.products.scenes import alike
from edge.products.shelf_locations import ShelfLocations
from edge.settings import store_time
from edge.web.views.bought_together import bought_together
from gs1.trade import shown
from words import money
from words.languages import Language, in_language

if TYPE_CHECKING:
    from edge.products import Product
    from edge.products.shelf_locations import ShelfLocation
    from edge.products.version import Version
    from edge.web.web import Web

COMPARED: Final = 4
"""Products beside one whose unit prices are compared."""
ALIKE: Final = 3
"""Products of the same category that a page shows."""


class ProductTile(msgspec.Struct, frozen=True):
    """A product in a list."""

    href: str
    name: str
    size: str
    art: str
    tint: str
    initial: str
    picture: str
    price: money.MoneyParts | None
    per: str
    """What the price is for, where it is not one: `/kg`."""
    was: str
    off: int
    """Whole per cent, rounded down; 0 where it is not cheaper now."""
    here: bool
    per_unit: str
    where: str
    """Zone and shelf; empty where nobody knows."""


class PlanZone(msgspec.Struct, frozen=True):
    """A rectangle of the little plan, in metres."""

    name: str
    plan: tuple[float, float, float, float]
    lit: bool


class Map(msgspec.Struct, frozen=True):
    """Where it stands, drawn; and in words."""

    words: str
    width: float
    height: float
    zones: list[PlanZone]
    shelf: tuple[float, float]
    you: tuple[float, float] | None


class ComparisonView(msgspec.Struct, frozen=True):
    """A product beside others, by what a unit of it costs."""

    tile: ProductTile
    per_unit: str
    own: bool
    """Whether it is the one whose page it is."""
    less: int
    """Whole per cent that a unit costs less than one of the page's own; negative where it costs more."""


class Elsewhere(msgspec.Struct, frozen=True):
    """What the product costs in another store of the chain."""

    store: str
    price: str
    count: int
    less: int
    """Whole per cent that it costs less there; negative where it costs more."""


class ProductView(msgspec.Struct, frozen=True):
    """Everything that the page of a product shows."""

    tile: ProductTile
    code: str
    """As it stands under the bars."""
    gtin: str
    buyable: bool
    """Whether it can go into a basket from here: it has a price, and is no matter of weighing."""
    ready_ms: int | None
    """By when it would be there if it was bought now; none where it stands on a shelf, or cannot be bought."""
    age: int
    per_unit: str
    promotion: str
    until: str
    facts: list[tuple[str, str]]
    """Key of a text, and the value."""
    map: Map | None
    reviews: Any
    trace: Any
    made: str
    steps: list[tuple[str, str]]
    together: list[ProductTile]
    alike: list[ProductTile]
    compared: list[ComparisonView]
    elsewhere: list[Elsewhere]
    """Other stores whose price is known, the nearest first."""
    as_of_ms: int
    """As of when."""
    """Sizes and alternatives by what a unit of them costs, this one among them; empty where there is nothing beside."""
    lowest: tuple[str, int | None, int] | None
    """The lowest price of the last 90 days: the amount, until when (none: today's), since when prices are known."""


class ProductPresenter:
    """Makes them for one store."""

    def __init__(self, web: Web) -> None:
        self._layout = web.layout
        self._reads = web.reads
        self._orders = web.checkout.rules
        self._prices = web.products.prices
        self._places = ShelfLocations(web.layout)

    @property
    def _currency(self) -> str:
        return self._layout.store.currency

    def tile(self, product: Product, language: Language, at: str | None = None) -> ProductTile:
        """A product in a list; `at` is where the phone scanned, and goes on with the link."""
        costs = price(product, self._reads.now)
        off = (costs.was - costs.now) * 100 // costs.was if costs.was and costs.now is not None else 0
        name = product.title(language)
        place = self._places.nearest(product, self._places.at(at))
        return ProductTile(
            href=product.href + (f"?from={at}" if at else ""),
            name=name,
            size=plain_words.size(product.size, language),
            art=artwork.art(product),
            tint=artwork.tint(product),
            initial=artwork.initial(name),
            picture=f"{product.href}/picture" if product.picture else "",
            price=None if costs.now is None else money.price(costs.now, self._currency, language),
            per=plain_words.price_for(product, language),
            was=money.format_money(costs.was, self._currency, language) if costs.was else "",
            off=off,
            here=product.here,
            per_unit="" if product.sold_by == "kg" else plain_words.per_unit(costs, self._currency, language),
            where=plain_words.where(place, language) if place and product.here else "",
        )

    def page(self, version: Version, product: Product, language: Language, at: str | None = None) -> ProductView:
        """The page of a product, as somebody sees it who stands at touchpoint or device `at`."""
        costs = price(product, self._reads.now)
        place = self._places.nearest(product, self._places.at(at))
        trace, recent = product.trace, catalogue_queries.recent(self._reads, self._reads.now)
        today = store_time.local(self._reads.now, self._layout.store.zone).date()
        day = partial(plain_words.day, today=today, language=language)
        buyable = costs.now is not None and product.sold_by == "piece"
        promise = promised(self._orders, {away_of(product)}, "counter", self._reads.now) if buyable else None
        return ProductView(
            tile=self.tile(product, language, at),
            code=shown(product.gtin),
            gtin=product.gtin,
            buyable=buyable,
            ready_ms=promise.ready_ms if promise else None,
            age=product.age,
            per_unit="" if product.sold_by == "kg" else plain_words.per_unit(costs, self._currency, language),
            promotion=plain_words.promotion(costs, self._currency, language),
            until=plain_words.until(costs.promotion, self._layout.store.zone, language),
            facts=_facts(product, language),
            map=self._map(place, language, at) if place and product.here else None,
            reviews=product.reviews,
            trace=trace if trace and (trace.batch or trace.made or trace.steps) else None,
            made=day(trace.made) if trace else "",
            steps=[(day(step.on), in_language(step.words, language)) for step in trace.steps] if trace else [],
            together=[
                self.tile(other, language, at) for other in bought_together(self._reads, version, product, ALIKE * 2)
            ],
            compared=self._compared(version, product, language, at),
            elsewhere=self._elsewhere(product, costs.now, language) if recent else [],
            as_of_ms=recent.since_ms if recent else 0,
            lowest=self._lowest(product, language),
            alike=[self.tile(other, language, at) for other in alike(version, product, ALIKE)],
        )

    def _compared(self, version: Version, product: Product, language: Language, at: str | None) -> list[ComparisonView]:
        return [
            ComparisonView(
                self.tile(each.product, language, at),
                plain_words.per_unit(price(each.product, self._reads.now), self._currency, language),
                each.own,
                each.less,
            )
            for each in compared(version, product, self._reads.now, COMPARED)
        ]

    def _elsewhere(self, product: Product, here: int | None, language: Language) -> list[Elsewhere]:
        return [
            Elsewhere(
                in_language(each.store, language),
                money.format_money(each.price, self._currency, language),
                each.count,
                round(100 * (here - each.price) / here) if here else 0,
            )
            for each in product.elsewhere
            if each.price is not None
        ]

    def _lowest(self, product: Product, language: Language) -> tuple[str, int | None, int] | None:
        now = self._reads.now
        found = self._prices.lowest(product.gtin, now)
        if found is None:
            return None
        return (
            money.format_money(found.price, self._currency, language),
            found.at_ms if found.at_ms < now else None,
            found.since_ms,
        )

    def place(self, at: str | None) -> str | None:
        """The place's name, where it is one of this store's."""
        return at if at and self._places.at(at) else None

    def _map(self, place: ShelfLocation, language: Language, at: str | None) -> Map:
        zones = [PlanZone(zone.name[language], zone.plan, lit=zone.id == place.zone) for zone in self._layout.zones]
        return Map(
            words=plain_words.where(place, language),
            width=max(zone.plan[0] + zone.plan[2] for zone in zones),
            height=max(zone.plan[1] + zone.plan[3] for zone in zones),
            zones=zones,
            shelf=place.at,
            you=self._places.at(at),
        )


def _facts(product: Product, language: Language) -> list[tuple[str, str]]:
    category = in_language(product.category_name, language) or product.category
    said = {
        "brand": in_language(product.brand, language),
        "origin": in_language(product.origin, language),
        "category": category,
    }
    return [(name, value) for name, value in said.items() if value]
