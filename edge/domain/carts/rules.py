"""What the store agrees on about its carts."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from edge.domain.setting import HOURS, MONEY, SECONDS, SHARE, Setting

MINUTE_MS: Final = 60_000


class CartRules(msgspec.Struct, frozen=True):
    """What the store agrees on about carts."""

    deposit: Annotated[int, Setting(unit=MONEY, ge=0)] = 0
    """Held in the ledger for each ride. 0 is none. No money moves here."""
    away_ms: Annotated[int, Setting("hours", HOURS, gt=0, le=72)] = 4 * 60 * MINUTE_MS
    """How long a ride may take before staff looks for the cart."""
    low: Annotated[float, Setting("low_battery", SHARE, ge=0, le=0.9)] = 0.15
    """Charge below which a cart wants charging."""
    dead: float = 0.05
    """Charge below which a cart is offered to nobody: its bolt may not move any more."""
    find_s: Annotated[float, Setting(unit=SECONDS, gt=0, le=60)] = 10
    """How long a cart blinks when somebody looks for it."""
