"""What happens to coupons: every fact."""

from __future__ import annotations

from typing import Annotated, Final

from edge.domain.setting import MONEY, Setting
from edge.journal.entry import Fact
from words.languages import Words

ARTS: Final = (
    "milk", "croissant", "cheese", "strawberry", "diaper", "formula", "wipes",
    "egg", "apple", "fish", "bread", "coffee", "gift",
)  # fmt: skip
"""The pictures that screens and phones can draw."""


class CouponOffered(Fact, frozen=True, tag="coupon.offered.v1"):
    """A coupon is on offer in a zone."""

    coupon: Annotated[str, Setting("id", form="id")]
    """Name in settings and facts. A new offer gets a new id."""
    zone: Annotated[str, Setting(form="id")]
    """Whose screens show it."""
    title: Annotated[Words, Setting(form="text")]
    """The product, short enough for a screen."""
    subtitle: Annotated[Words, Setting(form="text")]
    """One line below the title: size, kind, taste."""
    price: Annotated[int, Setting(unit=MONEY, ge=0)]
    """What the shopper pays with the coupon (1290 is 12.90)."""
    was: Annotated[int, Setting(unit=MONEY, gt=0)]
    """The usual price."""
    stock: Annotated[int, Setting(ge=0)]
    """How many may be claimed in all. 0 withdraws the offer."""
    art: Annotated[str, Setting(choices=ARTS, default="gift")]
    """Picture on screens and phones."""
    tint: Annotated[str, Setting(form="colour", default="#EFE7DA")]
    """Background of the card, #RRGGBB; a light colour, the text on it is dark."""
    starts_ms: int | None = None
    ends_ms: Annotated[int | None, Setting("ends_at", form="moment")] = None
    """Last day to claim it (2026-12-31), or last moment (2026-12-31T22:00:00), in the store's time where it names no
    zone. Leave it out for an offer without end."""
    terms: Annotated[Words | None, Setting(form="text")] = None
    """Small print under it, such as "one per household". Leave it out for an offer without."""


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
