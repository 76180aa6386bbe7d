"""Settings of how much one may ask for: `[bounds]` of `store.toml`. All of it has defaults; see `docs/bounds.md`.

A bound is written as `{ burst = 60, per_minute = 20 }`: so many at once, and so many a minute for ever after.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, strict=True, allow_inf_nan=False
    )


class Bound(_Model):
    """How often something may happen."""

    burst: Annotated[int, Field(ge=1, le=1_000_000)]
    """So many at once, when nothing has happened for a while."""
    per_minute: Annotated[float, Field(ge=0.01, le=1_000_000)]
    """So many a minute from then on."""


class ActBounds(_Model):
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


class RegisterBounds(ActBounds):
    """Registering. Raise address, touchpoint and store for an opening day with more than 700 new shoppers an hour."""

    browser: Bound | None = Bound(burst=6, per_minute=0.2)
    address: Bound | None = Bound(burst=150, per_minute=30)
    touchpoint: Bound | None = Bound(burst=120, per_minute=20)
    store: Bound | None = Bound(burst=200, per_minute=40)


class ClaimBounds(ActBounds):
    """Saving coupons."""

    browser: Bound | None = Bound(burst=15, per_minute=3)
    address: Bound | None = Bound(burst=200, per_minute=60)
    touchpoint: Bound | None = Bound(burst=80, per_minute=15)
    member: Bound | None = Bound(burst=15, per_minute=3)
    store: Bound | None = Bound(burst=300, per_minute=90)


class OpenBounds(ActBounds):
    """Asking a cart or a locker to open."""

    browser: Bound | None = Bound(burst=15, per_minute=6)
    address: Bound | None = Bound(burst=150, per_minute=45)
    touchpoint: Bound | None = Bound(burst=30, per_minute=15)
    member: Bound | None = Bound(burst=15, per_minute=6)
    store: Bound | None = Bound(burst=200, per_minute=60)


class CollectBounds(ActBounds):
    """Collecting a parcel. Whoever has its code is never refused because of others: nothing here is shared."""

    browser: Bound | None = Bound(burst=20, per_minute=10)
    member: Bound | None = Bound(burst=20, per_minute=10)


class FindBounds(ActBounds):
    """Letting a cart blink."""

    browser: Bound | None = Bound(burst=4, per_minute=1)
    address: Bound | None = Bound(burst=40, per_minute=10)
    touchpoint: Bound | None = Bound(burst=6, per_minute=2)
    member: Bound | None = Bound(burst=4, per_minute=1)
    store: Bound | None = Bound(burst=60, per_minute=20)


class ChangeBounds(ActBounds):
    """Small things about oneself: a code shared or taken back, a slip, a consent, a new member code."""

    browser: Bound | None = Bound(burst=30, per_minute=6)
    address: Bound | None = Bound(burst=200, per_minute=60)
    member: Bound | None = Bound(burst=30, per_minute=6)
    store: Bound | None = Bound(burst=300, per_minute=90)


class CallBounds(ActBounds):
    """Calling staff."""

    browser: Bound | None = Bound(burst=6, per_minute=1)
    address: Bound | None = Bound(burst=30, per_minute=6)
    store: Bound | None = Bound(burst=40, per_minute=8)


class GuessBounds(ActBounds):
    """Codes that are not ours or not right. What is right is never refused by these."""

    browser: Bound | None = Bound(burst=10, per_minute=2)
    address: Bound | None = Bound(burst=60, per_minute=30)
    store: Bound | None = Bound(burst=120, per_minute=60)


class EnterBounds(ActBounds):
    """Wrong digits of collect codes, entered on phones. A million codes stand against a bank's dozen parcels: these say
    how long guessing takes. A bank's own keypad is slowed by itself.
    """

    address: Bound | None = Bound(burst=120, per_minute=6)
    touchpoint: Bound | None = Bound(burst=120, per_minute=6)
    store: Bound | None = Bound(burst=240, per_minute=12)


class AskBounds(ActBounds):
    """Asking what a code means, as the phone's camera does on `/scan`."""

    browser: Bound | None = Bound(burst=20, per_minute=120)
    address: Bound | None = Bound(burst=60, per_minute=150)
    store: Bound | None = Bound(burst=120, per_minute=300)


class VisitBounds(ActBounds):
    """Opening the page of a code, and sending its forms."""

    browser: Bound | None = Bound(burst=60, per_minute=40)
    address: Bound | None = Bound(burst=900, per_minute=600)
    store: Bound | None = Bound(burst=1800, per_minute=1200)


class ScanBounds(ActBounds):
    """Scans that are written down. Beyond these the page is shown all the same, and is only counted."""

    browser: Bound | None = Bound(burst=30, per_minute=10)
    address: Bound | None = Bound(burst=300, per_minute=180)
    touchpoint: Bound | None = Bound(burst=120, per_minute=60)
    store: Bound | None = Bound(burst=400, per_minute=240)


class ProveBounds(ActBounds):
    """Sending codes to phone numbers: each costs the store money. One number is bounded beside these."""

    browser: Bound | None = Bound(burst=4, per_minute=0.2)
    address: Bound | None = Bound(burst=60, per_minute=6)
    member: Bound | None = Bound(burst=4, per_minute=0.2)
    store: Bound | None = Bound(burst=100, per_minute=20)


class CouponBounds(_Model):
    """How far a code goes with coupons. Kept in the tables: a restart forgives nothing."""

    live_code: Annotated[int, Field(ge=1, le=1000)] = 8
    """How many phones one code of a screen serves, in the 30 to 60 seconds that it lives. Raise it for a big screen."""
    printed_an_hour: Annotated[int, Field(ge=1, le=1_000_000)] = 120
    """How many of one coupon people without a proven number may save within an hour with printed codes."""
    printed_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    """What share of a coupon's stock they may have with printed codes; the rest is saved at the zone's screen. In zones
    without a screen that works it does not count."""


class ThingBounds(_Model):
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


class BoundsSettings(_Model):
    """How much one may ask for, and how much a script could take at most."""

    registering: RegisterBounds = RegisterBounds()
    """Registering."""
    claiming: ClaimBounds = ClaimBounds()
    """Saving coupons."""
    opening: OpenBounds = OpenBounds()
    """Opening carts and doors."""
    collecting: CollectBounds = CollectBounds()
    """Collecting parcels."""
    finding: FindBounds = FindBounds()
    """Letting carts blink."""
    changing: ChangeBounds = ChangeBounds()
    """Small things about oneself."""
    calling: CallBounds = CallBounds()
    """Calling staff."""
    guessing: GuessBounds = GuessBounds()
    """Codes that are wrong."""
    entering: EnterBounds = EnterBounds()
    """Wrong digits on phones."""
    asking: AskBounds = AskBounds()
    """Asking what a code means."""
    visiting: VisitBounds = VisitBounds()
    """Opening pages of codes."""
    scanning: ScanBounds = ScanBounds()
    """Scans that are written down."""
    proving: ProveBounds = ProveBounds()
    """Codes that are sent to phone numbers."""
    coupons: CouponBounds = CouponBounds()
    """How far a code goes with coupons."""
    things: ThingBounds = ThingBounds()
    """How many carts and doors a script could open."""


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
