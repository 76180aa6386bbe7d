"""What happens to coupons: every fact."""

from __future__ import annotations

from edge.journal.entry import Fact
from words.languages import Words


class CouponOffered(Fact, frozen=True, tag="coupon.offered.v1"):
    """A coupon is on offer in a zone."""

    coupon: str
    zone: str
    title: Words
    subtitle: Words
    price: int
    """With the coupon, in fen (1/100 of the currency unit)."""
    was: int
    """Without it, in fen."""
    stock: int
    """How many may be claimed in all."""
    art: str
    tint: str
    starts_ms: int | None = None
    ends_ms: int | None = None
    """Unix milliseconds."""


class CouponWithdrawn(Fact, frozen=True, tag="coupon.withdrawn.v1"):
    """A coupon is no longer on offer. Those in wallets stay good."""

    coupon: str


class CouponClaimed(Fact, frozen=True, tag="coupon.claimed.v1"):
    """A member put a coupon into the wallet."""

    coupon: str
    member: str
    touchpoint: str
    request: str
    browser: str = ""
    """The phone's own random name."""
    live: str | None = None
    """Names the live code of the screen; "" for a printed one; none where it was not noted."""
    proven: bool = False
    """Whether the member's number was proven."""
