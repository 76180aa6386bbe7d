"""What somebody may want besides: what goes with their goods, what they buy again, what is cheaper by the unit.

Each with its reason, in words and numbers that anybody can check against the store's own baskets and shelves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.baskets.habits import companions, habits
from edge.products.pricing import price
from edge.products.scenes import alike, together
from edge.web.pages.product.views import ProductPresenter, ProductTile

if TYPE_CHECKING:
    from edge.domain.baskets.queries import BasketNow
    from edge.products import Product
    from edge.products.version import Version
    from edge.web.web import Web
    from words.languages import Language

MAX_SUGGESTIONS: Final = 4
CHEAPER: Final = 10
"""So many per cent less a unit must cost before an alternative is named."""


class Suggestion(msgspec.Struct, frozen=True):
    """One good, and why."""

    gtin: str
    tile: ProductTile
    kind: str
    """`again`, `with` or `instead`."""
    reason: str
    buyable: bool
    """Whether it can go into the basket from here; what is weighed cannot."""


def suggestions(web: Web, found: BasketNow | None, member: str | None, language: Language) -> list[Suggestion]:
    """Returns a few goods for the basket that are not in it: what is due again, what goes with it, what is cheaper."""
    version = web.products.current
    if version is None:
        return []
    have = {line.gtin for line in found.lines} if found else set()
    views, made = ProductPresenter(web), dict[str, Suggestion]()
    for product, kind, reason in _wanted(web, version, found, member, language):
        if (
            product.gtin not in have
            and product.here
            and price(product, web.reads.now).now is not None
            and not product.age
        ):
            buyable = product.sold_by == "piece"
            tile = views.tile(product, language)
            made.setdefault(product.gtin, Suggestion(product.gtin, tile, kind, reason, buyable))
        if len(made) >= MAX_SUGGESTIONS:
            break
    return list(made.values())


def _wanted(
    web: Web, version: Version, found: BasketNow | None, member: str | None, language: Language
) -> Iterator[tuple[Product, str, str]]:
    say = web.texts.say
    for habit in habits(web.reads, member, web.reads.now) if member else ():
        if (product := version.find(habit.gtin)) is not None:
            yield product, "again", say(language, "suggest.again", days=habit.every_days, count=habit.times)
    lines = found.lines if found else ()
    for each in companions(web.reads, [line.gtin for line in lines]):
        product, of = version.find(each.gtin), version.find(each.of)
        if product is not None and of is not None:
            said = say(language, "suggest.with", name=of.title(language), count=each.baskets, of=each.of_baskets)
            yield product, "with", said
    for line in lines:
        own = version.find(line.gtin)
        for other in together(version, own) if own else ():
            yield other, "with", say(language, "suggest.catalogue", name=own.title(language) if own else "")
    for line in lines:
        own = version.find(line.gtin)
        yield from _cheaper(web, version, own, language) if own else ()


def _cheaper(web: Web, version: Version, own: Product, language: Language) -> Iterator[tuple[Product, str, str]]:
    """Others of the same kind of which a unit costs clearly less."""
    unit = price(own, web.reads.now).unit
    for other in alike(version, own, MAX_SUGGESTIONS * 2) if unit else ():
        found = price(other, web.reads.now).unit
        if unit is None or found is None or found.per != unit.per or not unit.price:
            continue
        less = 100 * (unit.price - found.price) // unit.price
        if less >= CHEAPER:
            said = web.texts.say(language, "suggest.instead", name=own.title(language), percent=less)
            yield other, "instead", said
