"""What the store agrees on about its coupons."""

from __future__ import annotations

from typing import Annotated

import msgspec

from edge.domain.setting import SHARE, Setting


class ClaimRules(msgspec.Struct, frozen=True):
    """How far a code goes with coupons. Kept in the tables: a restart forgives nothing."""

    live_code: Annotated[int, Setting(ge=1, le=1000)] = 8
    """How many phones one code of a screen serves, in the 30 to 60 seconds that it lives. Raise it for a big screen."""
    printed_an_hour: Annotated[int, Setting(ge=1, le=1_000_000)] = 120
    """How many of one coupon people without a proven number may save within an hour with printed codes."""
    printed_share: Annotated[float, Setting(unit=SHARE, ge=0, le=1)] = 0.5
    """What share of a coupon's stock they may have with printed codes; the rest is saved at the zone's screen. In zones
    without a screen that works it does not count."""
