"""What happens in the ledger: every fact. Points are whole numbers, money is in the smallest unit."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from edge.domain.ledger.rules import LedgerRules, Level
from edge.domain.setting import Setting
from edge.journal.entry import Fact

Reason = Literal["order", "check_in", "streak", "spent", "mall", "goodwill", "game"]
"""Goods were paid; a day's check-in; days in a row; used for an order; exchanged; given by staff; won in a game."""


class LedgerRulesSet(Fact, frozen=True, tag="ledger.rules_set.v1"):
    """What the store agrees on about points, levels and commission is this from now on."""

    rules: LedgerRules


class Share(msgspec.Struct, frozen=True, omit_defaults=True):
    """So many points of one lot."""

    lot: str
    points: int
    ends_ms: int | None = None


class PointsBooked(Fact, frozen=True, tag="points.booked.v1"):
    """Points came to a member, or were spent."""

    member: str
    points: int
    """More, or less where it is below 0."""
    reason: Reason
    key: str
    """What it is for; the same is booked once."""
    order: str = ""
    paid: int = 0
    """The money that was paid for the order: it counts for the level."""
    number: int = 0
    """The how-manyth order it is that this person paid."""
    ends_ms: int | None = None
    """Up to when they are good; none is for ever."""
    lots: tuple[Share, ...] = ()
    """From which lots they were spent."""


class PointsReserved(Fact, frozen=True, tag="points.reserved.v1"):
    """Points are kept for a basket that is about to be paid."""

    member: str
    basket: str
    points: int


class PointsReleased(Fact, frozen=True, tag="points.released.v1"):
    """They are free again, or were spent."""

    member: str
    basket: str


class PointsReversed(Fact, frozen=True, tag="points.reversed.v1"):
    """Goods of an order came back: what was used for them comes back, what was earned with them goes."""

    member: str
    order: str
    refund: str
    back: int
    """Points that were spent and come back."""
    gone: int
    """Points that were earned and go, also where they have been spent."""
    paid: int = 0
    """The money that is given back."""
    lots: tuple[Share, ...] = ()
    """The lots that are made of what comes back."""


class PointsEnding(Fact, frozen=True, tag="points.ending.v1"):
    """A member is told that points are soon good no more."""

    member: str
    points: int
    ends_ms: int
    days: int


class PointsEnded(Fact, frozen=True, tag="points.ended.v1"):
    """Their time is over."""

    member: str
    points: int
    lots: tuple[str, ...]


class LevelChanged(Fact, frozen=True, tag="level.changed.v1"):
    """A member has this level from now on, or keeps it for another period."""

    member: str
    level: Level
    spent: int
    """In the 365 days before."""
    until_ms: int | None
    """When it is judged again; none for the first level."""


class CheckedIn(Fact, frozen=True, tag="member.checked_in.v1"):
    """A member was here on this day, and said so."""

    member: str
    day: str
    """The store's date."""
    streak: int
    """So many days in a row."""
    forgiven: bool = False
    """Whether a missed day was forgiven."""
    touchpoint: str = ""


class MallOffered(Fact, frozen=True, tag="mall.offered.v1"):
    """Something can be had for points: a coupon of a campaign, which says what it gives. Where that is a price, points
    and money pay together.
    """

    item: Annotated[str, Setting("id", form="id")]
    """Name in settings and facts."""
    campaign: Annotated[str, Setting(form="id")]
    """The campaign whose coupon it is. From then on that coupon is to be had for points alone."""
    points: Annotated[int, Setting(gt=0, le=1_000_000_000)]
    """What it takes."""
    stock: Annotated[int, Setting(ge=0)]
    """How many in all. 0 withdraws it."""
    each: Annotated[int, Setting(ge=0)] = 1
    """How many one person may have; 0 is without limit."""


class MallWithdrawn(Fact, frozen=True, tag="mall.withdrawn.v1"):
    """It is no longer to be had. Coupons in wallets stay good."""

    item: str


class MallExchanged(Fact, frozen=True, tag="mall.exchanged.v1"):
    """A member has it; the points are booked with it."""

    item: str
    member: str
    coupon: str
    points: int
    request: str


class PromoterBound(Fact, frozen=True, tag="promoter.bound.v1"):
    """A member registered at a promoter's badge: what comes of it is that promoter's."""

    promoter: str
    """Member of staff, or the name of the badge."""
    member: str
    touchpoint: str
    browser: str = ""


WhyNotBound = Literal["own_badge", "one_browser"]
"""A browser or a number of staff; too many persons of one browser within a day."""


class PromoterNotBound(Fact, frozen=True, tag="promoter.not_bound.v1"):
    """A member registered at a badge and is nobody's: why. It is counted."""

    promoter: str
    member: str
    touchpoint: str
    why: WhyNotBound


class CommissionEarned(Fact, frozen=True, tag="commission.earned.v1"):
    """A promoter's member paid an order that counts."""

    promoter: str
    member: str
    order: str
    number: int
    """The first or second of theirs."""
    amount: int
    settles_ms: int
    """After the time for returns."""


class CommissionReversed(Fact, frozen=True, tag="commission.reversed.v1"):
    """The order came back in full: nothing is due for it."""

    promoter: str
    member: str
    order: str
    amount: int


class CommissionSettled(Fact, frozen=True, tag="commission.settled.v1"):
    """The time for returns is over: it is the promoter's."""

    promoter: str
    order: str
    amount: int


class CommissionRefused(Fact, frozen=True, tag="commission.refused.v1"):
    """An order that would have counted brings its promoter nothing: why. It is counted."""

    promoter: str
    member: str
    order: str
    why: Literal["known_payer"]
    """Whoever paid it has paid for somebody else before."""


class PickUpCredited(Fact, frozen=True, tag="pickup.credited.v1"):
    """An order was picked up from a locker: it counts for the adviser who sold it, once."""

    adviser: str
    parcel: str
    number: str = ""
    """The order's number, as it was put in."""
    order: str = ""
    """The order, where this store sold it."""
    amount: int = 0
    """What is paid for it by then; 0 where another till sold it."""


class FeePaid(Fact, frozen=True, tag="fee.paid.v1"):
    """What somebody owed was paid, with an order or at the till."""

    member: str
    amount: int
    key: str
    """What it was paid with; the same is booked once."""
    order: str = ""
    by: str = ""
    """Who took it, where it was the till or staff."""
