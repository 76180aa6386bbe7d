"""The rules of coupons, as data and plain functions."""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple

import msgspec

from edge.domain.setting import SHARE, Setting
from words.languages import Wording


class ClaimRules(msgspec.Struct, frozen=True):
    """How far a code goes with coupons. Kept in the tables: a restart forgives nothing."""

    live_code: Annotated[int, Setting(ge=1, le=1000)] = 8
    """How many phones one code of a screen serves, in the 30 to 60 seconds that it lives. Raise it for a big screen."""
    printed_an_hour: Annotated[int, Setting(ge=1, le=1_000_000)] = 120
    """How many of one coupon people without a proven number may save within an hour with printed codes."""
    printed_share: Annotated[float, Setting(unit=SHARE, ge=0, le=1)] = 0.5
    """What share of a coupon's stock they may have with printed codes; the rest is saved at the zone's screen. In zones
    without a screen that works it does not count."""


class Hand(msgspec.Struct, frozen=True):
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


class Claim(msgspec.Struct, frozen=True):
    """The coupon is in the wallet."""

    coupon: str
    already: bool
    """It had been there before."""


class Hindrance(NamedTuple):
    """Why a coupon cannot be claimed with this code now."""

    code: str
    """A refusal's."""
    seconds: int = 0
    """When to come back, where that helps."""


class Coupon(msgspec.Struct, frozen=True):
    """A coupon as its table has it. Money in the smallest unit, times in Unix milliseconds."""

    coupon: str
    zone: str
    title: Wording
    subtitle: Wording
    price: int
    was: int
    stock: int
    claimed: int
    starts_ms: int | None
    ends_ms: int | None
    art: str
    tint: str
    terms: Wording
    withdrawn: bool
    printed: int
    """How many were claimed with printed codes by people without a proven number."""

    def is_running(self, now_ms: int) -> bool:
        """Whether it has begun and has not ended."""
        return (self.starts_ms is None or self.starts_ms <= now_ms) and (self.ends_ms is None or now_ms < self.ends_ms)

    def hindrance(self, now_ms: int) -> str | None:
        """Why nobody can claim it any more."""
        if self.withdrawn or not self.is_running(now_ms):
            return "coupon_ended"
        return "coupon_gone" if self.claimed >= self.stock else None
