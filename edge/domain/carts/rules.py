"""What the store agrees on about its carts, and the rules of their unlocks, in milliseconds unless the name says."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from edge.domain.setting import HOURS, MONEY, SECONDS, SHARE, Setting

LATE_MS: Final = 10 * 60_000
"""How long after a lapsed grant a lock that is seen open is still put down to it."""
BACK: Final = "docked"
"""The event with which a cart reports that it was pushed back into its dock."""
REST_MS: Final = 60_000
"""An out cart that its dock has shown locked in for so long is back: it came unseen, or it never went."""
AGAIN_MS: Final = 10_000
"""A second question for a cart that was unlocked so lately is answered by the first."""
WAIT_S: Final = 20
"""When to ask again where too many unlocked carts stand in their docks."""
RIDE_MS: Final = 3_000
"""No ride is shorter: a `docked` that comes sooner after the unlock tells of the ride before it."""


def is_away(lock: str, docked: bool | None) -> bool:
    return lock == "unlocked" or docked is False


MINUTE_MS: Final = 60_000
FIND_PAUSE_MS: Final = 5_000
"""How soon a cart may be asked to blink again."""
FULL_AGAIN: Final = 0.1
"""How far above the threshold a battery must be charged to count as good again."""


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
