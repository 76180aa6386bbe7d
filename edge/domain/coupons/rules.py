"""The rules of coupons, as data and plain functions."""

from __future__ import annotations

import hashlib
from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from edge.domain.coupons.facts import CouponOffered, Notice
from edge.domain.setting import SHARE, Setting
from pricing.campaigns import Appearance, Campaign
from words.languages import Wording, Words


class ClaimRules(msgspec.Struct, frozen=True):
    """How far a code goes with coupons. Kept in the tables: a restart forgives nothing."""

    live_code: Annotated[int, Setting(ge=1, le=1000)] = 8
    """How many phones one code of a screen serves, in the 30 to 60 seconds that it lives. Raise it for a big screen."""
    printed_an_hour: Annotated[int, Setting(ge=1, le=1_000_000)] = 120
    """How many of one coupon people without a proven number may save within an hour with printed codes."""
    printed_share: Annotated[float, Setting(unit=SHARE, ge=0, le=1)] = 0.5
    """What share of a coupon's stock they may have with printed codes; the rest is saved at the zone's screen. In zones
    without a screen that works it does not count."""


class ClaimSource(msgspec.Struct, frozen=True):
    """The phone and the code that a coupon is claimed with."""

    touchpoint: str
    """Whose code it is."""
    live: str = ""
    """Names the live code; "" where it is printed."""
    browser: str = ""
    """The phone's own random name."""
    proven: bool = False
    """Whether the member's number was proven."""


CLAIMABLE: Final = ("screen", "shelf", "coupon")
"""Purposes whose code lets a shopper claim coupons."""
HOUR_MS: Final = 3_600_000
TINT: Final = "#DFEFE4"
"""Behind a coupon that names no ground of its own."""
_PLAIN: Final = Appearance(tint=TINT)


class Claim(msgspec.Struct, frozen=True):
    """The coupon is in the wallet."""

    coupon: str
    """The campaign's name."""
    already: bool
    """It had been there before."""
    kept: str = ""
    """Its own name in the wallet."""


class ClaimObstacle(NamedTuple):
    """Why a coupon cannot be claimed with this code now."""

    code: str
    """A refusal's."""
    seconds: int = 0
    """When to come back, where that helps."""


class CouponDisplay(Appearance, frozen=True):
    """What a coupon says and shows of itself, the same on every page and screen. Each text has something for every
    language.
    """

    title: Wording

    @classmethod
    def of(cls, title: Words, shown: Appearance | CouponOffered) -> CouponDisplay:
        """As a campaign has it; or an offer of `[[coupons]]`, which says by the same names what it can say."""
        found = {name: getattr(shown, name, None) or getattr(_PLAIN, name) for name in Appearance.__struct_fields__}
        texts = {name: Wording(each) for name, each in found.items() if isinstance(each, dict)}
        return cls(title=Wording(title), **(found | texts))


class Coupon(msgspec.Struct, frozen=True):
    """What can be claimed: a campaign that is a coupon, or an offer of `[[coupons]]`, which a till redeems by hand.

    Money in the smallest unit, times in Unix milliseconds.
    """

    coupon: str
    """The campaign's name."""
    zones: tuple[str, ...]
    """Whose screens show it; none is every zone."""
    look: CouponDisplay
    price: int | None
    """As an offer of `[[coupons]]` says; a campaign's depends on the shelf price."""
    was: int | None
    stock: int | None
    """How many may be claimed in all; none is without bound."""
    claimed: int
    starts_ms: int | None
    ends_ms: int | None
    withdrawn: bool
    printed: int
    """How many were claimed with printed codes by people without a proven number."""
    campaign: Campaign | None = None
    """What it gives; none for an offer of `[[coupons]]`."""
    paused: bool = False

    @property
    def each(self) -> int:
        """How many one person may claim."""
        return (self.campaign.limits.per_member or 1) if self.campaign else 1

    def is_of(self, zone: str, at: str = "") -> bool:
        """Whether this zone's screens and shelf cards offer it; `at`: this very code or screen."""
        if self.zones and zone not in self.zones:
            return False
        when = self.campaign.when if self.campaign and at else None
        return when is None or all(at in names for names in (when.touchpoints, when.screens) if names)

    def is_running(self, now_ms: int) -> bool:
        """Whether it has begun and has not ended."""
        return (self.starts_ms is None or self.starts_ms <= now_ms) and (self.ends_ms is None or now_ms < self.ends_ms)

    def is_gone(self) -> bool:
        """Whether nobody can have one any more."""
        return self.stock is not None and self.claimed >= self.stock

    def hindrance(self, now_ms: int) -> str | None:
        """Why nobody can claim it any more."""
        if self.withdrawn or self.paused or not self.is_running(now_ms):
            return "coupon_ended"
        return "coupon_gone" if self.is_gone() else None


class Worth(msgspec.Struct, frozen=True):
    """What a coupon gives beyond the shelf price, on the least that it can be used for. Money in the smallest unit."""

    saves: int
    price: int | None = None
    """What one piece costs with it, where it is for one product and one piece is enough."""
    was: int | None = None
    """What that piece costs on its shelf now."""
    percent: float = 0
    """What it takes off, in per cent, where that is what it says."""
    exact: bool = True
    """Whether it saves just that, whatever it is used for."""
    product: str = ""
    """GTIN of the one product that it is for."""
    shelves: tuple[str, ...] = ()
    """Where that product stands."""


State = Literal["now", "later", "reserved", "used", "ended"]
"""Of a coupon in the wallet: good now, good from a moment on, held for a basket, used up, no longer good."""


NOTHING_TO_TELL: Final = 1
"""In place of when a member was told: it was good at once."""


class SentNotice(msgspec.Struct, frozen=True):
    """That a member was told of a coupon."""

    about: Notice
    at_ms: int


class OwnedCoupon(msgspec.Struct, frozen=True):
    """One coupon of a member."""

    id: str
    of: Coupon
    state: State
    why: str
    """The key of the sentence that says why it is in this state: `now`, `later`, `reserved`, `used`, `time`,
    `withdrawn`, `returned` or `till` (a till redeems it by hand)."""
    claimed_ms: int
    usable_from_ms: int
    until_ms: int | None
    basket: str = ""
    order: str = ""
    changed_ms: int = 0
    packs: tuple[str, ...] = ()
    """Other wallets that have it as well."""
    told: tuple[SentNotice, ...] = ()


def coupon_id(campaign: str, member: str, number: int) -> str:
    """Returns the name of a member's n-th coupon of a campaign, the same on every box."""
    seed = f"{campaign}\n{member}\n{number}".encode()
    return f"{campaign}.{hashlib.blake2s(seed, digest_size=10).hexdigest()}"
