"""What pages show of coupons: what can be had, what it is worth, and what a wallet holds. Nothing here decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from edge.domain.coupons import queries as coupon_queries
from edge.domain.coupons import wallet as wallet_queries
from edge.domain.coupons.rules import Coupon, CouponDisplay, OwnedCoupon, Worth
from pricing.campaigns import Percent

if TYPE_CHECKING:
    from edge.web.web import Web

DAY_MS: Final = 86_400_000
OF_GOODS: Final = ("reserved", "now")
"""States in which a coupon may be used at the next checkout."""


class OfferView(msgspec.Struct, frozen=True):
    """A coupon as a page shows it. Money in the smallest unit, times in Unix milliseconds."""

    id: str
    """The campaign's name."""
    zone: str
    """Where it is offered; empty where that is everywhere."""
    look: CouponDisplay
    price: int | None
    """What one piece costs with it; none where it is for more than one price."""
    was: int | None
    """What that piece costs on its shelf now."""
    saves: int
    """What it takes off; 0 where that depends on what it is used for."""
    percent_off: float
    """What it takes off, where that is a share."""
    left: int | None
    """None is without bound."""
    stock: int | None
    ends_ms: int | None
    state: str
    """`ready`, `ending` (within a day), `ended`, `gone` (fully claimed), `withdrawn`, `used` or `later`."""
    mine: bool
    """Whether the asking member has claimed it."""
    by_hand: bool
    """Whether a till redeems it by hand: it names no goods."""
    product: str = ""
    """GTIN of the one product that it is for."""
    picture: str = ""
    """Of that product, where the catalogue has one."""
    kept: str = ""
    """Its own name in the wallet."""

    @property
    def percent(self) -> int:
        """How much cheaper a piece is, in whole per cent."""
        return (self.was - self.price) * 100 // self.was if self.was and self.price is not None else 0

    @property
    def few(self) -> bool:
        """Whether under half of them are left."""
        return self.left is not None and self.stock is not None and self.left < self.stock / 2

    @property
    def ends(self) -> datetime | None:
        return datetime.fromtimestamp(self.ends_ms / 1000, UTC) if self.ends_ms else None


def offers(web: Web, member: str | None, now_ms: int, zone: str | None = None, at: str = "") -> list[OfferView]:
    """What can be claimed now and gives something beyond the shelf price, of one zone or of the whole store; `at`: with
    one code of the zone.
    """
    return _offers(web, web.offering.on_offer(zone, now_ms, at), member, now_ms)


def for_products(web: Web, gtins: list[str], zone: str, member: str | None, now_ms: int, at: str) -> list[OfferView]:
    """What can be claimed now for one of these products, with the code that stands `at` them."""
    return _offers(web, web.offering.for_products(gtins, zone, now_ms, at), member, now_ms)


def _offers(web: Web, found: Iterable[tuple[Coupon, Worth]], member: str | None, now_ms: int) -> list[OfferView]:
    mine = coupon_queries.claimed_by(web.reads, member) if member is not None else frozenset()
    return [offer_view(web, coupon, worth, now_ms, mine=coupon.coupon in mine) for coupon, worth in found]


def offer(web: Web, coupon: str, member: str | None, now_ms: int) -> OfferView | None:
    """One coupon, whatever its state."""
    found = coupon_queries.coupon(web.reads, coupon)
    if found is None:
        return None
    mine = member is not None and coupon in coupon_queries.claimed_by(web.reads, member)
    return offer_view(web, found, web.offering.worth(found, now_ms), now_ms, mine=mine)


def wallet(web: Web, member: str, now_ms: int) -> list[OfferView]:
    """A member's coupons as offers, those that are good first."""
    return [offer_of_owned(web, each, now_ms) for each in wallet_queries.wallet(web.reads, member, now_ms)]


def offer_of_owned(web: Web, kept: OwnedCoupon, now_ms: int) -> OfferView:
    """A coupon in a wallet, as an offer."""
    shown = offer_view(web, kept.of, web.offering.worth(kept.of, now_ms), now_ms, mine=True)
    ending = kept.until_ms is not None and kept.until_ms - now_ms < DAY_MS
    state = {"used": "used", "ended": "ended", "later": "later"}.get(kept.state, "ending" if ending else "ready")
    return msgspec.structs.replace(shown, state=state, kept=kept.id, ends_ms=kept.until_ms)


def usable(web: Web, member: str, now_ms: int) -> int:
    """How many coupons of a member can be used now."""
    return sum(each.state in OF_GOODS for each in wallet_queries.wallet(web.reads, member, now_ms))


def offer_view(web: Web, coupon: Coupon, worth: Worth | None, now_ms: int, *, mine: bool) -> OfferView:
    """A coupon and what it is worth, as an offer; none is worth nothing beyond the shelf price."""
    worth = worth or Worth(0, coupon.price, coupon.was)
    version = web.products.current
    product = version.find(worth.product) if version and worth.product else None
    return OfferView(
        id=coupon.coupon,
        zone=coupon.zones[0] if coupon.zones else "",
        look=coupon.look,
        price=worth.price,
        was=worth.was,
        saves=worth.saves if worth.exact else 0,
        percent_off=worth.percent if coupon.campaign and isinstance(coupon.campaign.benefit, Percent) else 0,
        left=None if coupon.stock is None else max(0, coupon.stock - coupon.claimed),
        stock=coupon.stock,
        ends_ms=coupon.ends_ms,
        state=_state(coupon, now_ms, mine=mine),
        mine=mine,
        by_hand=coupon.campaign is None,
        product=product.gtin if product else "",
        picture=f"{product.href}/picture" if product and product.picture else "",
    )


def _state(coupon: Coupon, now_ms: int, *, mine: bool) -> str:
    if (coupon.withdrawn or coupon.paused) and not mine:
        return "withdrawn"
    if coupon.ends_ms and coupon.ends_ms <= now_ms:
        return "ended"
    if not mine and coupon.is_gone():
        return "gone"
    return "ending" if coupon.ends_ms and coupon.ends_ms - now_ms < DAY_MS else "ready"
