"""What a basket costs now: gathers everything that a price depends on, and asks the one function that computes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.baskets import queries as basket_queries
from edge.domain.baskets.habits import bought
from edge.domain.baskets.queries import BasketNow
from edge.domain.baskets.rules import Choices
from edge.domain.campaigns import queries as campaign_queries
from edge.domain.campaigns.rules import store_day
from edge.domain.coupons.wallet import campaigns_of, usable
from edge.domain.ledger import queries as ledger_queries
from edge.domain.members.birthdays import birthday
from edge.domain.members.queries import family, is_guest, tags_for_offers
from edge.errors import Refusal
from edge.gateway.price_cache import PriceCache
from edge.gateway.price_inputs import Inputs
from edge.gateway.rulebooks import Rulebooks
from edge.gateway.time_box import TimeBox
from edge.products.goods import goods
from pricing.basket import Goods, Member, Place, Versions
from pricing.campaigns import Campaign
from pricing.candidates import promotion
from pricing.price import price
from pricing.quote import Quote

if TYPE_CHECKING:
    from edge.domain.baskets.rules import BasketLine, BasketRules
    from edge.domain.layout import Layout
    from edge.journal import Reader
    from edge.products import Products
    from edge.products.product import Product
    from pricing.basket import Terms


MAX_KNOWN: Final = 2000
"""Goods that are kept; the oldest gives way."""


def compute(inputs: Inputs) -> Quote:
    """Returns the price of what was gathered."""
    return settled(inputs)[1]


def settled(inputs: Inputs, box: TimeBox | None = None) -> tuple[Inputs, Quote]:
    """Returns the price of what was gathered, and what gives the same again: where time was up, with so many partial
    sets as were looked at.
    """
    box = box or TimeBox()
    given = {name: getattr(inputs, name) for name in Inputs.__struct_fields__ if name not in ("basket", "rulebook")}
    quote = price(inputs.basket, campaigns=inputs.rulebook, stop=box, **given)
    if box.ended_at is not None:
        terms = msgspec.structs.replace(inputs.terms, nodes=box.ended_at - 1)
        inputs = msgspec.structs.replace(inputs, terms=terms)
    return inputs, quote


class Pricing:
    """Asked by pages, the API, tills, screens, and before every payment."""

    def __init__(self, reads: Reader, products: Products, layout: Layout, rules: BasketRules) -> None:
        self._reads = reads
        self._products = products
        self._layout = layout
        self._usual_bp = round(rules.tax_percent * 100)
        self._goods: dict[str, tuple[Product, Goods | None]] = {}
        """Goods of products without a promotion, as they were made of them."""
        self._rulebooks = Rulebooks(reads)
        self._terms: Terms | None = None
        self._shown = PriceCache(compute)

    def notice(self, _: object) -> None:
        """A fact changes what every price depends on: campaigns, what points are worth, the store's currency."""
        self._terms = None
        self._rulebooks.notice()

    def quote(self, basket: str, *, touchpoint: str = "", payment: str = "", now_ms: int | None = None) -> Quote:
        """Returns what a basket costs now, with its own choices of coupons and points, where somebody stands at a
        touchpoint and pays in some way. Raises `Refusal`: basket_empty, no_price.
        """
        return compute(self.inputs(basket, touchpoint=touchpoint, payment=payment, now_ms=now_ms))

    def inputs(self, basket: str, *, touchpoint: str = "", payment: str = "", now_ms: int | None = None) -> Inputs:
        """Returns what its price depends on now. Raises as `quote` does."""
        with self._reads.consistent_read():
            found = basket_queries.now(self._reads, basket)
            return self._complete_inputs(found, touchpoint=touchpoint, payment=payment, now_ms=now_ms)

    def by_way(self, found: BasketNow, ways: Sequence[str]) -> dict[str, int]:
        """Returns what a basket costs by each way of paying; nothing where no offer asks for one and none is chosen, or
        something has no price any more: what is held stays what it is.
        """
        campaigns = self._rulebooks.now(campaigns_of(self._reads, found.member) if found.member else ()).campaigns
        asked = found.choices.paid_by or any(each.when.payments for each in campaigns)
        if not asked or self.unpriced(found):
            return {}
        return {way: self.quote(found.basket, payment=way).total for way in ways}

    def to_hold(self, found: BasketNow, *, touchpoint: str = "") -> Quote:
        """Returns the price of a basket that is to be held: the one that was shown, where it stands. Raises as `quote`
        does.
        """
        with self._reads.consistent_read():
            return self._shown.of(self._complete_inputs(found, touchpoint=touchpoint))

    def _complete_inputs(self, found: BasketNow | None, *, now_ms: int | None = None, **at: str) -> Inputs:
        if found is None or not found.lines:
            raise Refusal("basket_empty")
        if gone := self.unpriced(found, now_ms):
            gtin = next(line.gtin for line in found.lines if line.line in gone)
            raise Refusal("no_price", product=gtin)
        return self.gather(found, now_ms=now_ms, **at)

    def shown(self, found: BasketNow, *, touchpoint: str = "") -> Quote:
        """Returns what a basket costs now without what this store has no price for: to be shown, never to be paid."""
        with self._reads.consistent_read():
            if gone := self.unpriced(found):
                left = tuple(line for line in found.lines if line.line not in gone)
                found = msgspec.structs.replace(found, lines=left)
            return self._shown.of(self.gather(found, touchpoint=touchpoint))

    def unpriced(self, found: BasketNow, now_ms: int | None = None) -> list[str]:
        """Returns the lines of a basket that the catalogue in force has no price for."""
        known = self.goods([line.gtin for line in found.lines], self._reads.now if now_ms is None else now_ms)
        return [line.line for line in found.lines if not _has_price(line, known.get(line.gtin))]

    def goods(self, gtins: Sequence[str], now_ms: int) -> dict[str, Goods]:
        """Returns those of some products that this store sells, of one version of the catalogue."""
        version = self._products.current
        found: dict[str, Goods] = {}
        for gtin in dict.fromkeys(gtins):
            product = version.find(gtin) if version else None
            good = self._goods_of(product, now_ms) if product is not None else None
            if good is not None:
                found[gtin] = good
        return found

    def promotions(self, quote: Quote) -> list[Campaign]:
        """Returns the catalogue's own promotions of a quote's goods, as offers: none by another catalogue than its."""
        version = self._products.current
        if version is None or version.name != quote.catalogue:
            return []
        known = (version.find(gtin) for gtin in dict.fromkeys(line.gtin for line in quote.lines))
        made = (goods(each, quote.as_of_ms) for each in known if each is not None and each.promotion is not None)
        return [offer for each in made if each is not None and (offer := promotion(each)) is not None]

    def _goods_of(self, product: Product, now_ms: int) -> Goods | None:
        """What is no promotion's is the same at every moment, and kept for as long as the product is."""
        if product.promotion is not None:
            return goods(product, now_ms, self._usual_bp)
        kept = self._goods.get(product.gtin)
        if kept is None or kept[0] is not product:
            kept = self._goods[product.gtin] = (product, goods(product, now_ms, self._usual_bp))
            if len(self._goods) > MAX_KNOWN:
                del self._goods[next(iter(self._goods))]
        return kept[1]

    def gather(self, found: BasketNow, *, touchpoint: str = "", payment: str = "", now_ms: int | None = None) -> Inputs:
        """Returns what the price of a basket depends on, whose goods all have one."""
        now = self._reads.now if now_ms is None else now_ms
        burn = found.choices.burn
        force = self._rulebooks.now(campaigns_of(self._reads, found.member) if found.member else ())
        member = self._member(found, force.campaigns, now)
        day = store_day(now, self._layout.store.zone.key)
        gtins = [*(line.gtin for line in found.lines), *(member.bought if member else ())]
        return Inputs(
            basket=basket_queries.priced(found),
            catalogue=self.goods(gtins, now),
            rulebook=force.rulebook,
            wallet=tuple(usable(self._reads, found.member, now)) if found.member else (),
            member=member,
            place=self.place(touchpoint or _last_place(found), payment or found.choices.paid_by),
            now_ms=now,
            pins=found.choices.pins,
            without=found.choices.without,
            burn=0 if burn is None else burn,
            counters=campaign_queries.uses(self._reads, member=found.member, day=day, now_ms=now, basket=found.basket),
            terms=self._agreed(),
            versions=Versions(self._products.version or "", force.edition[1]),
        )

    def _agreed(self) -> Terms:
        terms = self._terms
        if terms is None:
            terms = self._terms = ledger_queries.terms(self._reads)
        return terms

    def of_nothing(self, member: str) -> Quote:
        """Returns what a member's empty basket costs: it says of each coupon whether it could be used now, and why
        not.
        """
        nothing = BasketNow("", member, "", "open", 0, Choices(), "", 0, 0, 0, None, 0, ())
        return compute(self.gather(nothing))

    def _member(self, found: BasketNow, campaigns: Sequence[Campaign], now_ms: int) -> Member | None:
        """Whoever left no number is no member to an offer: a first order is not paid for twice by clearing cookies."""
        if not found.member or all(is_guest(self._reads, each) for each in family(self._reads, found.member)):
            return None
        standing = ledger_queries.buyer_standing(self._reads, found.member, now_ms, basket=found.basket)
        if standing.first_order and any(each.when.first_order for each in campaigns):
            other = campaign_queries.has_first_order_offer(self._reads, found.member, basket=found.basket)
            standing = msgspec.structs.replace(standing, first_order=not other)
        by_habit = any(each.when.bought is not None for each in campaigns)
        by_tag = any(each.when.tags for each in campaigns)
        by_day = any(each.when.birthday is not None for each in campaigns)
        return msgspec.structs.replace(
            standing,
            tags=tags_for_offers(self._reads, found.member) if by_tag else (),
            birthday=birthday(self._reads, found.member) if by_day else "",
            bought=bought(self._reads, found.member) if by_habit else {},
        )

    def place(self, at: str, payment: str = "") -> Place:
        """Returns where somebody is who stands at a touchpoint or device."""
        store = self._layout.store
        point, device = self._layout.touchpoint(at), self._layout.device(at)
        spot = point or device
        screen = at if device is not None and device.kind == "screen" else ""
        return Place(
            zone=spot.zone if spot else "",
            touchpoint=point.id if point else "",
            screen=screen,
            timezone=store.zone.key,
            payment=payment,
        )


def _has_price(line: BasketLine, known: Goods | None) -> bool:
    """Whether a line can be priced: what was weighed is still sold by weight, what was counted by the piece."""
    if known is None:
        return False
    return line.label_price is not None or known.per_kg == (line.grams is not None)


def _last_place(found: BasketNow) -> str:
    """Where something was put in last."""
    return next((line.at for line in reversed(found.lines) if line.at), "")
