"""An example for a campaign: the smallest basket of the store's own goods that it gives something on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from edge.products.goods import goods
from edge.products.product import Product
from edge.products.version import Version
from pricing.basket import Basket, Goods, Line, Member, Place, Terms, WalletCoupon
from pricing.campaigns import Bundle, Campaign, Gift, Nth, Off, Points, Selector
from pricing.moments import Moment
from pricing.positions import matches
from pricing.price import price
from pricing.quote import Quote

KILOGRAM: Final = 1000
MANY: Final = 60
"""Goods that are looked at for one that fits, and pieces that an example has at most."""
_DAY_MS: Final = 86_400_000


class Shelf:
    """The goods of one version of the catalogue, found by what campaigns name."""

    def __init__(self, version: Version, tax_bp: int = 0) -> None:
        self._version = version
        self._tax_bp = tax_bp

    def some(self, selector: Selector, now_ms: int) -> list[Goods]:
        """Goods that fit, pieces before what is weighed; not every one where there are many."""
        made = (goods(each, now_ms, self._tax_bp) for each in self._products(selector))
        found = [each for each in made if each is not None and not each.no_offers and each.shelf > 0]
        return sorted(found, key=lambda each: each.per_kg)

    def _products(self, selector: Selector) -> Iterator[Product]:
        if selector.everything:
            yield from self._version.sample(MANY)
        for code in selector.products:
            if (product := self._version.find(code)) is not None:
                yield product
        for category in selector.categories:
            yield from self._version.in_category(category, MANY)
        for brand in selector.brands:
            hits = self._version.search(brand, MANY)
            yield from (each for each in hits if brand in each.brand.values())


class Example(msgspec.Struct, frozen=True):
    """A basket, and what it costs with one campaign alone."""

    quote: Quote
    goods: dict[str, Goods]
    gives: bool
    """Whether the campaign gives something on it."""


def example(campaign: Campaign, shelf: Shelf, *, now_ms: int, timezone: str, currency: str) -> Example | None:
    """Returns the example of a campaign at a time when it holds; none where the store sells no such goods."""
    at_ms = _moment(campaign, now_ms, timezone)
    lines = _lines(campaign, shelf, at_ms)
    if lines is None:
        return None
    known = {good.gtin: good for good, _ in lines}
    named = _example_member(campaign, known, at_ms, timezone)
    when = campaign.when
    quote = price(
        Basket("example", tuple(_line(str(place), *line) for place, line in enumerate(lines, 1))),
        catalogue=known,
        campaigns=[msgspec.structs.replace(campaign, excludes=())],
        now_ms=at_ms,
        wallet=[WalletCoupon("example", campaign.id)] if campaign.claim else [],
        member=named,
        place=Place(
            _first(when.zones), _first(when.touchpoints), _first(when.screens), timezone, _first(when.payments)
        ),
        terms=Terms(currency=currency),
    )
    return Example(quote, known, any(each.amount or each.points for each in quote.used))


def _first(names: tuple[str, ...]) -> str:
    return names[0] if names else ""


def _moment(campaign: Campaign, now_ms: int, timezone: str) -> int:
    when = campaign.when
    at = max(now_ms, when.from_ms or 0)
    if when.until_ms is not None and at >= when.until_ms:
        at = when.until_ms - 1
    moment = Moment(at, timezone)
    return at if moment.holds(when) else moment.next_from(when) or at


def _example_member(campaign: Campaign, known: dict[str, Goods], at_ms: int, timezone: str) -> Member:
    """Somebody for whom it holds."""
    day = Moment(at_ms, timezone).local.strftime("%m-%d")
    level = campaign.when.levels[0] if campaign.when.levels else ""
    bought = campaign.when.bought
    before = dict.fromkeys((*known, *(bought.goods.products if bought else ())), at_ms - _DAY_MS)
    return Member(
        "example",
        level,
        campaign.when.tags,
        day,
        first_order=True,
        bought=before,
    )


def _line(name: str, good: Goods, count: int) -> Line:
    return Line(name, good.gtin, count, grams=KILOGRAM if good.per_kg else None)


def _lines(campaign: Campaign, shelf: Shelf, at_ms: int) -> list[tuple[Goods, int]] | None:
    """Goods and how many of each; none where something cannot be had."""
    found = campaign.benefit
    if isinstance(found, Bundle):
        # What a part names is no other part's: those that may be anything come after.
        parts = sorted(found.parts, key=lambda part: not part.goods.products)
        wanted = [(part.goods, part.count) for part in parts]
    elif isinstance(found, Gift):
        wanted = [(campaign.when.goods, 1), (found.goods, found.count)]
    else:
        wanted = [(campaign.when.goods, found.n if isinstance(found, Nth) else 1)]
    if campaign.when.spend_of is not None and (campaign.when.min_spend or campaign.when.min_qty):
        wanted.append((campaign.when.spend_of, 1))
    lines: list[tuple[Goods, int]] = []
    for selector, count in wanted:
        some = [each for each in shelf.some(selector, at_ms) if each.gtin not in {good.gtin for good, _ in lines}]
        if some:
            lines.append((some[0], count))
        elif lines and matches(selector, lines[0][0]):
            lines[0] = (lines[0][0], lines[0][1] + count)
        else:
            return None
    return list(_enough(campaign, lines))


def _enough(campaign: Campaign, lines: list[tuple[Goods, int]]) -> Iterable[tuple[Goods, int]]:
    """More of what counts, until the thresholds are met."""
    when, found = campaign.when, campaign.benefit
    at = len(lines) - 1 if when.spend_of is not None else 0
    per = found.per if isinstance(found, Off) else 0
    money = max(when.min_spend, per)
    if isinstance(found, Points) and not found.fixed:
        money = max(money, 100)
    for place, (good, count) in enumerate(lines):
        more = max(when.min_qty, -(-money // good.shelf)) if place == at and not isinstance(found, Bundle) else 0
        yield good, min(MANY, max(count, more))
