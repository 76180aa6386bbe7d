"""The coupons that screens, pages and shelf cards show: only what gives something beyond the shelf price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge.domain.campaigns import queries as campaign_queries
from edge.domain.coupons import queries as coupon_queries
from edge.domain.coupons.rules import Coupon, Worth
from edge.domain.layout import Layout
from edge.journal import Reads
from edge.products import Products
from edge.products.worth import worth
from pricing.basket import Place
from pricing.campaigns import Bundle, Campaign, Points, Selector

GOOD_MS: Final = 60_000
"""How long what a coupon is worth is believed: a promotion may begin or end meanwhile."""


class Offering:
    """What a coupon is worth is worked out once a minute, and anew with another catalogue or other campaigns."""

    def __init__(self, reads: Reads, products: Products, layout: Layout) -> None:
        self._reads = reads
        self._products = products
        self._layout = layout
        self._known: dict[str, Worth] = {}
        self._automatic: tuple[Campaign, ...] = ()
        self._of: tuple[object, ...] = ()

    def on_offer(self, zone: str | None = None, now_ms: int | None = None, at: str = "") -> list[tuple[Coupon, Worth]]:
        """Returns what can be claimed now and is worth claiming, of a zone or of the whole store; `at` one code."""
        now = self._now(now_ms)
        found = coupon_queries.on_offer_anywhere(self._reads, now)
        here = [each for each in found if zone is None or each.is_of(zone, at)]
        valued = [(each, self.worth(each, now)) for each in here]
        return [(each, given) for each, given in valued if given is not None]

    def for_products(
        self, gtins: Sequence[str], zone: str, now_ms: int | None = None, at: str = ""
    ) -> list[tuple[Coupon, Worth]]:
        """Returns the coupons of a zone that are for one of these products, those for fewer products first."""
        wanted = set(gtins)
        version = self._products.current
        found = list(filter(None, map(version.find, gtins))) if version else []
        categories = {each.category for each in found}
        brands = {name for each in found for name in each.brand.values()}

        def close(coupon: Coupon) -> int:
            named = goods_of(coupon.campaign) if coupon.campaign else ()
            if any(wanted.intersection(each.products) for each in named):
                return 0
            kinds = (categories.intersection(each.categories) or brands.intersection(each.brands) for each in named)
            return 1 if any(kinds) else 2

        ranked = [(close(each), each, given) for each, given in self.on_offer(zone, now_ms, at)]
        return [(each, given) for rank, each, given in sorted(ranked, key=lambda one: one[0]) if rank < 2]

    def worth(self, coupon: Coupon, now_ms: int | None = None) -> Worth | None:
        """Returns what a coupon gives; none where that is nothing. Without a catalogue nobody knows:
        it is believed. An offer of `[[coupons]]` names no goods: what it says itself is believed.
        """
        now, version = self._now(now_ms), self._products.current
        campaign = coupon.campaign
        if campaign is None:
            cheaper = coupon.was is not None and coupon.price is not None and coupon.price < coupon.was
            saves = (coupon.was or 0) - (coupon.price or 0)
            return Worth(saves, coupon.price, coupon.was) if cheaper else None
        if version is None:
            return Worth(1, exact=False)
        self._refresh(now, version.name)
        if campaign.id not in self._known:
            self._known[campaign.id] = worth(campaign, version, self._automatic, self._place(campaign), now)
        found = self._known[campaign.id]
        return found if found.saves > 0 or isinstance(campaign.benefit, Points) else None

    def _refresh(self, now: int, version: str) -> None:
        of = (version, campaign_queries.version(self._reads), now // GOOD_MS)
        if of != self._of:
            self._of, self._known = of, {}
            self._automatic = tuple(each for each in campaign_queries.in_force(self._reads) if not each.claim)

    def _place(self, campaign: Campaign) -> Place:
        zone = campaign.when.zones[0] if campaign.when.zones else ""
        return Place(zone=zone, timezone=self._layout.store.zone.key)

    def _now(self, now_ms: int | None) -> int:
        return self._reads.now if now_ms is None else now_ms


def goods_of(campaign: Campaign) -> tuple[Selector, ...]:
    """What it makes cheaper, as far as it is named."""
    parts = campaign.benefit.parts if isinstance(campaign.benefit, Bundle) else ()
    return (campaign.when.goods, *(part.goods for part in parts))
