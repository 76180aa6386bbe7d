"""Settings of how much one may ask for: `[bounds]` of `store.toml`. All of it has defaults; see `docs/bounds.md`.

A bound is written as `{ burst = 60, per_minute = 20 }`: so many at once, and so many a minute for ever after.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from edge.domain.coupons.rules import ClaimRules
from edge.settings.model import SettingsModel
from edge.settings.sections import DECLARED


class Bound(SettingsModel):
    """How often something may happen."""

    burst: Annotated[int, Field(ge=1, le=1_000_000)]
    """So many at once, when nothing has happened for a while."""
    per_minute: Annotated[float, Field(ge=0.01, le=1_000_000)]
    """So many a minute from then on."""


class ActBounds(SettingsModel):
    """The bounds of one act, by who or what it is counted by. A side that is left out has its default."""

    browser: Bound | None = None
    """One browser, by the random name that it was given. One that keeps none is counted by the other sides."""
    address: Bound | None = None
    """One network address: behind a router that hides its phones, all of them. IPv6 counts by /64."""
    touchpoint: Bound | None = None
    """One code."""
    member: Bound | None = None
    """One person, on whatever phone."""
    store: Bound | None = None
    """Everybody together."""


def act(**sides: tuple[int, float]) -> Any:
    """What one act has of each side where the file says nothing: `burst` and `per_minute`."""
    return Field(
        default=ActBounds(
            **{side: Bound(burst=burst, per_minute=per_minute) for side, (burst, per_minute) in sides.items()}
        )
    )


class ThingBounds(SettingsModel):
    """How many carts and doors somebody who is not there could open. Kept in the tables: a restart forgives nothing."""

    carts_waiting: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many unlocked carts may stand in their docks at a time before people without a proven number have to wait.
    Left out, it is 4 and one more for each 50 carts. Carts whose dock has no sensor are not counted."""
    doors_waiting: Annotated[int, Field(ge=1, le=1_000)] | None = None
    """How many doors of one bank may stand open, or closed over nothing, before people without a proven number have to
    wait. Left out, it is 3 and one more for each 8 doors. Raise it for banks without any sensor."""

    new_share: Annotated[float, Field(gt=0, le=1)] = 0.8
    """What share of the carts, and of each bank's doors, people may have together who registered within the hour and
    whose number is not proven. 1 keeps nothing for others: for a store with few carts and doors."""

    def carts(self, fleet: int) -> int:
        """Of so many carts."""
        return self.carts_waiting or 4 + fleet // 50

    def doors(self, count: int) -> int:
        """Of a bank with so many doors."""
        return self.doors_waiting or 3 + count // 8


class BoundsSettings(SettingsModel):
    """How much one may ask for, and how much a script could take at most."""

    registering: ActBounds = act(browser=(6, 0.2), address=(150, 30), touchpoint=(120, 20), store=(200, 40))
    """Registering. Raise address, touchpoint and store for an opening day with more than 700 new shoppers an hour."""
    claiming: ActBounds = act(browser=(15, 3), address=(200, 60), touchpoint=(80, 15), member=(15, 3), store=(300, 90))
    """Saving coupons."""
    opening: ActBounds = act(browser=(15, 6), address=(150, 45), touchpoint=(30, 15), member=(15, 6), store=(200, 60))
    """Asking a cart or a locker to open."""
    collecting: ActBounds = act(browser=(20, 10), member=(20, 10))
    """Collecting a parcel. Whoever has its code is never refused because of others: nothing here is shared."""
    finding: ActBounds = act(browser=(4, 1), address=(40, 10), touchpoint=(6, 2), member=(4, 1), store=(60, 20))
    """Letting a cart blink."""
    changing: ActBounds = act(browser=(30, 6), address=(200, 60), member=(30, 6), store=(300, 90))
    """Small things about oneself: a code shared or taken back, a slip, a consent, a new member code."""
    calling: ActBounds = act(browser=(6, 1), address=(30, 6), store=(40, 8))
    """Calling staff."""
    guessing: ActBounds = act(browser=(10, 2), address=(60, 30), store=(120, 60))
    """Codes that are not ours or not right. What is right is never refused by these."""
    entering: ActBounds = act(address=(120, 6), touchpoint=(120, 6), store=(240, 12))
    """Wrong digits of collect codes, entered on phones. A million codes stand against a bank's dozen parcels: these say
    how long guessing takes. A bank's own keypad is slowed by itself."""
    asking: ActBounds = act(browser=(20, 120), address=(60, 150), store=(120, 300))
    """Asking what a code means, as the phone's camera does on `/scan`."""
    shopping: ActBounds = act(browser=(60, 60), address=(900, 900), member=(60, 60), store=(1800, 1800))
    """Filling a basket and taking things out of it. Raise address and store beyond 300 shoppers at a time."""
    visiting: ActBounds = act(browser=(60, 40), address=(900, 600), store=(1800, 1200))
    """Opening the page of a code, and sending its forms."""
    scanning: ActBounds = act(browser=(30, 10), address=(300, 180), touchpoint=(120, 60), store=(400, 240))
    """Scans that are written down. Beyond these the page is shown all the same, and is only counted."""
    proving: ActBounds = act(browser=(4, 0.2), address=(60, 6), member=(4, 0.2), store=(100, 20))
    """Sending codes to phone numbers: each costs the store money. One number is bounded beside these."""
    confirming: ActBounds = act(address=(90, 2), store=(180, 6))
    """Wrong digits of codes that were sent to phones. Each code bears five; these say how often a script may guess that
    asks for ever new ones, with ever new numbers."""
    coupons: Annotated[ClaimRules, DECLARED] = ClaimRules()
    """How far a code goes with coupons. Kept in the tables: a restart forgives nothing."""
    things: ThingBounds = ThingBounds()
    """How many carts and doors a script could open."""

    @field_validator("*", mode="after")
    @classmethod
    def _sides_left_out(cls, value: Any, info: ValidationInfo) -> Any:
        """A side that is left out has the act's own default."""
        usual = cls.model_fields[info.field_name or ""].default
        if not isinstance(usual, ActBounds):
            return value
        return usual.model_copy(update={side: getattr(value, side) for side in value.model_fields_set})


def wide() -> str:
    """`[bounds]` as TOML for whoever plays many people from one machine: a simulation, a bench. Nothing is refused."""
    bound = "{ burst = 1000000, per_minute = 1000000 }"
    lines = []
    for act, bounds in BoundsSettings():
        if not isinstance(bounds, ActBounds):
            continue
        lines += ["", f"[bounds.{act}]", *(f"{side} = {bound}" for side, default in bounds if default is not None)]
    lines += ["", "[bounds.things]", "carts_waiting = 10000", "doors_waiting = 1000", "new_share = 1.0"]
    lines += ["", "[bounds.coupons]", "live_code = 1000", "printed_an_hour = 1000000", "printed_share = 1.0"]
    return "\n".join(lines) + "\n"
