"""What campaigns would have cost: baskets that were really paid, priced again by one set of campaigns and by another.

Each basket is priced at its own time, with the shelf prices that it had; what a good is (its category and brand, and
whether it takes offers) is taken from the catalogue of today. Nobody notes where a basket was filled, so zones, codes
and screens hold everywhere. Coupons count as they were used, or as if everybody had each of them. Limits and budgets
run along from the first basket to the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from edge.domain.campaigns.rules import store_day
from edge.domain.orders import queries as order_queries
from edge.journal import Reads
from edge.products.goods import goods
from edge.products.product import Product
from pricing.basket import Basket, Counters, Goods, Line, Member, Place, Terms, WalletCoupon
from pricing.campaigns import Campaign
from pricing.price import price
from pricing.quote import Quote, QuoteLine, Used
from pricing.rulebook import Rulebook

_NONE: Final = Counters()
MAX_BASKETS: Final = 1000
"""So many of the last baskets are looked at."""


class PaidBasket(msgspec.Struct, frozen=True):
    """A basket that was paid."""

    order: str
    lines: tuple[QuoteLine, ...]
    at_ms: int
    member: str = ""
    used: tuple[Used, ...] = ()
    payment: str = ""
    first_order: bool = False


class CampaignSum(msgspec.Struct):
    """What one campaign gave."""

    baskets: int = 0
    amount: int = 0


class TrialResult(msgspec.Struct):
    """What one set of campaigns came to."""

    shelf: int = 0
    discount: int = 0
    with_offers: int = 0
    by_campaign: dict[str, CampaignSum] = {}
    totals: dict[str, int] = {}
    """What was to be paid before points, by order."""

    @property
    def paid(self) -> int:
        """What was to be paid before points."""
        return self.shelf - self.discount


def paid_baskets(reads: Reads, most: int = MAX_BASKETS) -> list[PaidBasket]:
    """Returns the last baskets that were paid."""
    firsts = order_queries.first_orders(reads)
    return [
        PaidBasket(
            order=each.order,
            lines=each.paid.lines,
            at_ms=each.paid.as_of_ms,
            member=each.member,
            used=each.paid.used,
            payment=each.paid.paid[0].port if each.paid.paid else "",
            first_order=each.order in firsts,
        )
        for each in order_queries.latest(reads, most)
    ]


Find = Callable[[str], Product | None]
"""A product of today's catalogue, by GTIN."""


class CampaignTrial:
    """The last baskets of a store, to be priced by whatever set of campaigns."""

    def __init__(self, baskets: Sequence[PaidBasket], find: Find, timezone: str, currency: str) -> None:
        self._baskets = sorted(baskets, key=lambda each: (each.at_ms, each.order))
        self._find = find
        self._timezone = timezone
        self._terms = Terms(currency=currency)
        self._known: dict[str, Product | None] = {}

    def run(self, campaigns: Iterable[Campaign], *, everybody: bool = False) -> TrialResult:
        """What these campaigns would have come to; with `everybody`, as if each buyer had every coupon once."""
        placeless = Rulebook(map(_everywhere, campaigns))
        counted = _Counted(self._timezone)
        outcome = TrialResult()
        for basket in self._baskets:
            quote = self._price(basket, placeless, counted.before(basket), everybody=everybody)
            counted.add(basket, quote)
            _note(outcome, basket, quote)
        return outcome

    def _price(
        self, paid: PaidBasket, campaigns: Rulebook, before: Mapping[str, Counters], *, everybody: bool
    ) -> Quote:
        coupons = _all_coupons(campaigns.campaigns, before) if everybody else _used_coupons(paid)
        return price(
            Basket(paid.order, tuple(map(_line, paid.lines)), owner=paid.member),
            catalogue={line.gtin: self._goods_then(line) for line in paid.lines},
            campaigns=campaigns,
            now_ms=paid.at_ms,
            wallet=coupons,
            member=Member(id=paid.member, first_order=paid.first_order) if paid.member else None,
            place=Place(timezone=self._timezone, payment=paid.payment),
            counters=before,
            terms=self._terms,
        )

    def _goods_then(self, line: QuoteLine) -> Goods:
        """As it stood on the shelf then."""
        if line.gtin not in self._known:
            self._known[line.gtin] = self._find(line.gtin)
        product = self._known[line.gtin]
        today = goods(product, 0, line.tax_bp) if product is not None else None
        known = today or Goods(gtin=line.gtin, price=line.unit)
        return msgspec.structs.replace(
            known, gtin=line.gtin, price=line.unit, promo_price=None, tax_bp=line.tax_bp, per_kg=line.grams is not None
        )


def _line(line: QuoteLine) -> Line:
    """What was scanned, with what each piece or bag cost: bags of one good have a price each."""
    return Line(line.id, line.gtin, line.quantity, line.grams, line.shelf // line.quantity)


def _everywhere(campaign: Campaign) -> Campaign:
    when = msgspec.structs.replace(campaign.when, zones=(), touchpoints=(), screens=())
    return msgspec.structs.replace(campaign, when=when)


def _used_coupons(paid: PaidBasket) -> list[WalletCoupon]:
    return [WalletCoupon(each.coupon, each.campaign) for each in paid.used if each.coupon]


def _all_coupons(campaigns: Iterable[Campaign], before: Mapping[str, Counters]) -> list[WalletCoupon]:
    """One of each that the buyer has not used up."""
    return [
        WalletCoupon(f"trial.{each.id}", each.id)
        for each in campaigns
        if each.claim and before.get(each.id, _NONE).member < (each.limits.per_member or 1)
    ]


def _note(outcome: TrialResult, basket: PaidBasket, quote: Quote) -> None:
    outcome.shelf += quote.shelf
    outcome.discount += quote.discount
    outcome.with_offers += bool(quote.discount)
    outcome.totals[basket.order] = quote.shelf - quote.discount
    for name in dict.fromkeys(each.campaign for each in quote.used):
        given = outcome.by_campaign.setdefault(name, CampaignSum())
        given.baskets += 1
        given.amount += sum(each.amount for each in quote.used if each.campaign == name)


class _Counted:
    """How often each campaign was used on the way."""

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        self._uses: dict[tuple[str, str, str], int] = {}
        """By campaign, member (`*` is everybody) and day (empty is ever)."""
        self._amounts: dict[str, int] = {}

    def before(self, basket: PaidBasket) -> dict[str, Counters]:
        day = store_day(basket.at_ms, self._timezone)
        return {
            name: Counters(
                member=self._used(name, basket.member, ""),
                member_day=self._used(name, basket.member, day),
                store_day=self._used(name, "*", day),
                uses=self._used(name, "*", ""),
                amount=amount,
            )
            for name, amount in self._amounts.items()
        }

    def _used(self, name: str, who: str, when: str) -> int:
        return self._uses.get((name, who, when), 0) if who else 0

    def add(self, basket: PaidBasket, quote: Quote) -> None:
        day = store_day(basket.at_ms, self._timezone)
        for each in quote.used:
            self._amounts[each.campaign] = self._amounts.get(each.campaign, 0) + each.amount
            for who in filter(None, (basket.member, "*")):
                for when in ("", day):
                    key = (each.campaign, who, when)
                    self._uses[key] = self._uses.get(key, 0) + each.uses
