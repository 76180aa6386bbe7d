"""A member's things: coupons, points, parcels, the cart. No name, no number, nothing that opens a door."""

from __future__ import annotations

import msgspec


class MemberCoupon(msgspec.Struct, frozen=True):
    """One coupon of theirs."""

    id: str
    """The campaign's name: what the zone offers may be opened by it."""
    title: str
    why: str = ""
    """What it is good for now, or why not yet."""
    until: str = ""
    art: str = "gift"
    tint: str = "#DFEFE4"
    now: bool = True
    soon: bool = False


class MemberParcel(msgspec.Struct, frozen=True):
    """One parcel."""

    place: str
    door: str
    due: str = ""
    late: bool = False


class ScreenMember(msgspec.Struct, frozen=True):
    """The whole of it."""

    left_s: float = 0.0
    """How long it stays open without a touch."""
    coupons: tuple[MemberCoupon, ...] = ()
    points: int | None = None
    """None for who left no number: they gather none."""
    worth: int = 0
    currency: str = "CNY"
    level: str = ""
    parcels: tuple[MemberParcel, ...] = ()
    cart: str = ""
    since: str = ""
