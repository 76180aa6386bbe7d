"""What happens to coupons: every fact."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from edge.domain.setting import MONEY, Setting
from edge.journal.entry import Fact
from words.languages import Words

ARTS: Final = (
    "milk", "croissant", "cheese", "strawberry", "diaper", "formula", "wipes",
    "egg", "apple", "fish", "bread", "coffee", "greens", "carrot", "tangerine", "banana", "grapes",
    "meat", "shrimp", "butter", "wine", "potato", "gift",
)  # fmt: skip
"""The pictures that screens and phones can draw."""


class CouponOffered(Fact, frozen=True, tag="coupon.offered.v1"):
    """A coupon is on offer in a zone: the form from before there were campaigns, still read, without new fields."""

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
    terms: Annotated[Words | None, Setting(form="paragraphs")] = None
    """Small print under it, such as "one per household". Leave it out for an offer without."""


class CouponWithdrawn(Fact, frozen=True, tag="coupon.withdrawn.v1"):
    """A coupon is no longer on offer. Those in wallets stay good."""

    coupon: str


class OfferClaimed(Fact, frozen=True, tag="coupon.claimed.v1"):
    """A member put a coupon into the wallet: as it was recorded while a coupon had no name of its own."""

    coupon: str
    """The offer's name."""
    member: str
    touchpoint: str
    request: str
    browser: str = ""
    """The phone's own random name."""
    live: str | None = None
    """Names the live code of the screen; "" for a printed one; none where it was not noted."""
    proven: bool = False
    """Whether the member's number was proven."""


class CouponClaimed(Fact, frozen=True, tag="coupon.claimed.v2"):
    """A member has a coupon of a campaign in the wallet. The n-th of one campaign is a coupon of its own."""

    coupon: str
    campaign: str
    member: str
    touchpoint: str
    request: str
    usable_from_ms: int = 0
    until_ms: int | None = None
    """First instant at which it is no longer good: what was promised when it was claimed."""
    browser: str = ""
    """The phone's own random name."""
    live: str | None = None
    """Names the live code of the screen; "" for a printed one; none where no code was needed."""
    proven: bool = False
    """Whether the member's number was proven."""
    why: str = ""
    """What it was given for, where nobody claimed it: an order, a registration, points."""


class CouponReserved(Fact, frozen=True, tag="coupon.reserved.v1"):
    """A basket that is about to be paid has this coupon: no other basket can use it meanwhile."""

    coupon: str
    basket: str


class CouponReleased(Fact, frozen=True, tag="coupon.released.v1"):
    """The basket was not paid: the coupon is good again."""

    coupon: str
    basket: str


class CouponRedeemed(Fact, frozen=True, tag="coupon.redeemed.v1"):
    """A paid order used the coupon up."""

    coupon: str
    basket: str
    order: str


class CouponReturned(Fact, frozen=True, tag="coupon.returned.v1"):
    """Everything that the coupon had made cheaper was brought back: it is good again."""

    coupon: str
    order: str


Ending = Literal["time", "withdrawn", "returned"]
"""Its time is past; whoever gave it took it back; what it was given for was brought back."""


class CouponEnded(Fact, frozen=True, tag="coupon.ended.v1"):
    """A coupon that nobody used is no longer good."""

    coupon: str
    why: Ending = "time"


Notice = Literal["ends", "begins"]


class CouponReminded(Fact, frozen=True, tag="coupon.reminded.v1"):
    """The member is told that a coupon ends soon, or that it can be used from now on."""

    coupon: str
    member: str
    about: Notice = "ends"
    until_ms: int | None = None


class CouponPacked(Fact, frozen=True, tag="coupon.packed.v1"):
    """A coupon lies in another wallet as well, such as WeChat's card pack."""

    coupon: str
    member: str
    pack: str
    card: str
    """What that wallet calls it."""
