"""What pages show of the tables: plain reads, each a fraction of a millisecond. Nothing here decides anything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from edge.domain.coupons import queries as coupon_queries
from edge.domain.coupons import wallet as wallet_queries
from edge.domain.coupons.rules import Coupon
from words.languages import Wording

if TYPE_CHECKING:
    from edge.web.web import Web


class Offer(msgspec.Struct, frozen=True):
    """A coupon as a page shows it. Money in the smallest unit, times in Unix milliseconds."""

    id: str
    zone: str
    title: Wording
    subtitle: Wording
    price: int
    was: int
    left: int
    stock: int
    ends_ms: int | None
    art: str
    tint: str
    terms: Wording
    state: str
    """`ready`, `ending` (within a day), `ended`, `gone` (fully claimed) or `withdrawn`."""
    mine: bool
    """Whether the asking member has claimed it."""

    @property
    def percent(self) -> int:
        """How much cheaper, in whole per cent."""
        return round(100 * (self.was - self.price) / self.was) if self.was else 0

    @property
    def ends(self) -> datetime | None:
        return datetime.fromtimestamp(self.ends_ms / 1000, UTC) if self.ends_ms else None


DAY_MS = 86_400_000


def offers(web: Web, member: str | None, now_ms: int, zone: str | None = None) -> list[Offer]:
    """What can be claimed now, of one zone or of the whole store."""
    mine = _mine(web, member)
    found = coupon_queries.on_offer_anywhere(web.reads, now_ms)
    zones = [zone] if zone else [each.id for each in web.layout.zones]
    rows = {row.coupon: row for each in zones for row in found if row.is_of(each)}
    return [_offer(row, now_ms, mine=row.coupon in mine) for row in rows.values()]


def offer(web: Web, coupon: str, member: str | None, now_ms: int) -> Offer | None:
    """One coupon, whatever its state."""
    found = coupon_queries.coupon(web.reads, coupon)
    return _offer(found, now_ms, mine=coupon in _mine(web, member)) if found else None


def wallet(web: Web, member: str, now_ms: int) -> list[Offer]:
    """A member's coupons, the newest first; a fully claimed one is still good for those who have it."""
    return [_offer(each.of, now_ms, mine=True) for each in wallet_queries.wallet(web.reads, member, now_ms)]


def _mine(web: Web, member: str | None) -> frozenset[str]:
    return coupon_queries.claimed_by(web.reads, member) if member is not None else frozenset()


def _offer(row: Coupon, now_ms: int, *, mine: bool) -> Offer:
    return Offer(
        id=row.coupon,
        zone=row.zones[0] if row.zones else "",
        title=row.title,
        subtitle=row.subtitle,
        price=row.price or 0,
        was=row.was or 0,
        left=max(0, (row.stock or 0) - row.claimed),
        stock=row.stock or 0,
        ends_ms=row.ends_ms,
        art=row.art,
        tint=row.tint,
        terms=row.terms,
        state=_state(row, now_ms, mine=mine),
        mine=mine,
    )


def _state(row: Coupon, now_ms: int, *, mine: bool) -> str:
    if row.withdrawn and not mine:
        return "withdrawn"
    if row.ends_ms and row.ends_ms <= now_ms:
        return "ended"
    if not mine and row.is_gone():
        return "gone"
    return "ending" if row.ends_ms and row.ends_ms - now_ms < DAY_MS else "ready"
