"""Goods as a screen of the store shows them to whoever stands before it: figures, and sentences in one language.

What is not known is not there.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

from device_drivers.contract.answers.goods import (
    BuyerReview,
    ComparedProduct,
    Plan,
    PlanArea,
    ProductDetails,
    ProductPrice,
    ProductTile,
    Rating,
    ShelfSpot,
    Station,
    StockLevels,
    StoreStock,
    Trace,
)
from edge.domain.catalogue import queries as catalogue_queries
from edge.domain.ledger.queries import rules_of
from edge.domain.orders.rules import promised
from edge.domain.touchpoints.codes import NO_COUPON
from edge.gateway.basket_goods import away_of
from edge.products import artwork, plain_words
from edge.products.comparison import compared
from edge.products.pricing import price
from edge.products.scenes import alike
from edge.products.shelf_locations import ShelfLocations
from edge.settings import store_time
from edge.web import moments
from edge.web.views.bought_together import bought_together
from gs1.trade import shown
from words.languages import in_language
from words.money import format_money
from words.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.products import Product
    from edge.products.pricing import ShelfPrice
    from edge.products.shelf_locations import At
    from edge.products.version import Version
    from edge.web.web import Web
    from words.languages import Language

COMPARED: Final = 3
BESIDE: Final = 6
SAID: Final = 3
"""What buyers said, on one screen."""


EEA: Final = frozenset((
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
))  # fmt: skip
"""Where the lowest price of 30 days must stand beside a reduced one (EU 98/6, Article 6a)."""
READERS: Final = frozenset({"de"})
"""Whoever reads these is used to it, wherever the store is."""


class GoodsPresenter:
    """Makes them for one screen and one language."""

    def __init__(self, web: Web, screen: str, language: Language) -> None:
        self._web = web
        self._screen = screen
        self._language = language
        self._places = ShelfLocations(web.layout)
        self._now = self._web.reads.now
        self._zone = web.layout.store.zone
        self.currency = web.layout.store.currency

    @property
    def _place(self) -> At | None:
        return self._places.at(self._screen)

    def tile(self, product: Product) -> ProductTile:
        """A product in a list."""
        costs, language = price(product, self._now), self._language
        return ProductTile(
            gtin=product.gtin,
            name=product.title(language),
            size=plain_words.size(product.size, language),
            art=artwork.art(product),
            tint=artwork.tint(product),
            picture=f"{product.href}/picture" if product.picture else "",
            cost=self._cost(product, costs),
            per_unit=self._per_unit(product, costs),
            here=product.here,
            buyable=costs.now is not None and product.sold_by == "piece",
            spot=self._spot(product),
        )

    def whole(self, version: Version, product: Product, way: Sequence[At] = ()) -> ProductDetails:
        """Everything of one product. `way`: the points of the way there."""
        costs, language = price(product, self._now), self._language
        here = self._web.codes.rotating(self._screen, NO_COUPON, moments.now_ms())
        return ProductDetails(
            tile=self.tile(product),
            code=shown(product.gtin),
            currency=self.currency,
            brand=in_language(product.brand, language),
            origin=in_language(product.origin, language),
            age=product.age,
            promotion=plain_words.promotion(costs, self.currency, language),
            until=self._until(costs),
            points=self._points(costs),
            lowest=self._lowest(product, costs),
            rating=_rating(product),
            trace=self._trace(product),
            compared=self._compared(version, product),
            together=tuple(self.tile(each) for each in bought_together(self._web.reads, version, product, BESIDE)),
            alike=tuple(self.tile(each) for each in alike(version, product, BESIDE)),
            stock=self._stock(product),
            plan=self._plan(product, way),
            page=f"{self._web.public_url}{product.href}?from={here}",
            ready=self._ready(product, costs),
        )

    def _ready(self, product: Product, costs: ShelfPrice) -> str:
        away = away_of(product) if costs.now is not None else ""
        promise = promised(self._web.checkout.rules, {away}, "counter", self._now)
        return say(self._language, "screen_goods.ready", when=self._moment(promise.ready_ms)) if promise else ""

    def near_first(self, tiles: list[ProductTile]) -> list[ProductTile]:
        """The nearest first; then what stands on no shelf, and last what the store does not have now."""
        return sorted(tiles, key=lambda tile: (not tile.here, _metres(tile)))

    def _cost(self, product: Product, costs: ShelfPrice) -> ProductPrice | None:
        if costs.now is None:
            return None
        off = (costs.was - costs.now) * 100 // costs.was if costs.was else 0
        return ProductPrice(costs.now, costs.was, plain_words.price_for(product, self._language), off)

    def _per_unit(self, product: Product, costs: ShelfPrice) -> str:
        return "" if product.sold_by == "kg" else plain_words.per_unit(costs, self.currency, self._language)

    def _spot(self, product: Product) -> ShelfSpot | None:
        place = self._places.nearest(product, self._place) if product.here else None
        if place is None:
            return None
        label, zone = in_language(place.label, self._language), in_language(place.zone_name, self._language)
        return ShelfSpot(place.shelf, label, zone, product.level, place.metres, place.at)

    def _until(self, costs: ShelfPrice) -> str:
        """The last moment of a promotion: a whole day by its name, others with the time."""
        end = costs.promotion.until_ms if costs.promotion else None
        if end is None:
            return ""
        if store_time.local(end, self._zone).strftime("%H:%M") == "00:00":
            return plain_words.until(costs.promotion, self._zone, self._language)
        return say(self._language, "screen_goods.until", when=self._moment(end))

    def _moment(self, at_ms: float) -> str:
        return moments.moment_said_by(partial(say, self._language), at_ms, self._now, self._zone)

    def _points(self, costs: ShelfPrice) -> int:
        every = rules_of(self._web.reads).points.earn_every
        return costs.now // every if every and costs.now else 0

    def _lowest(self, product: Product, costs: ShelfPrice) -> str:
        wanted = self._language in READERS or self._web.layout.store.region in EEA
        if costs.was is None or costs.now is None or not wanted:
            return ""
        found = self._web.products.prices.before_reduction(product.gtin, costs.now, self._now)
        if found is None:
            return ""
        amount = format_money(found.price, self.currency, self._language)
        return say(self._language, "screen_goods.lowest", price=amount)

    def _trace(self, product: Product) -> Trace | None:
        trace = product.trace
        if trace is None:
            return None
        today = store_time.local(self._now, self._zone).date()
        day = partial(plain_words.day, today=today, language=self._language)
        steps = tuple(Station(in_language(step.words, self._language), day(step.on)) for step in trace.steps)
        best, left = trace.best_before, None
        if best:
            left = (date.fromisoformat(best) - today).days
        good = left is not None and left >= 0
        return Trace(
            steps,
            trace.batch,
            day(trace.made),
            day(best) if good else "",
            left if good else None,
            trace.report,
        )

    def _compared(self, version: Version, product: Product) -> tuple[ComparedProduct, ...]:
        found = compared(version, product, self._now, COMPARED)
        dearest = max((each.unit.price for each in found), default=0) or 1
        own_first = sorted(found, key=lambda each: (not each.own, not each.size))[:COMPARED]
        return tuple(
            ComparedProduct(
                each.product.gtin,
                each.product.title(self._language),
                plain_words.size(each.product.size, self._language),
                plain_words.per_unit(price(each.product, self._now), self.currency, self._language),
                each.unit.price / dearest,
                each.own,
                each.less,
                each.size,
            )
            for each in own_first
        )

    def _plan(self, product: Product, way: Sequence[At]) -> Plan | None:
        place = self._places.nearest(product, self._place) if product.here else None
        zones = self._web.layout.zones
        if place is None or not zones:
            return None
        areas = tuple(PlanArea(zone.plan, zone.id == place.zone) for zone in zones)
        width = max(x + across for x, _, across, _ in (area.plan for area in areas))
        height = max(y + high for _, y, _, high in (area.plan for area in areas))
        return Plan(width, height, areas, self._place, tuple(way))

    def _stock(self, product: Product) -> StockLevels | None:
        elsewhere = tuple(StoreStock(in_language(each.store, self._language), each.count) for each in product.elsewhere)
        known = catalogue_queries.recent(self._web.reads, self._now)
        if (product.stock is None and not elsewhere) or known is None:
            return None
        return StockLevels(product.stock, elsewhere, self._moment(known.since_ms))


def _metres(tile: ProductTile) -> float:
    """How far it is; what nobody knows is behind everything that has a place."""
    if tile.spot is None:
        return float("inf")
    return tile.spot.metres or 0.0


def _rating(product: Product) -> Rating | None:
    found = product.reviews
    if found is None:
        return None
    said = tuple(BuyerReview(each.stars, each.words, each.by) for each in found.said[:SAID])
    return Rating(found.stars, found.count, said)
