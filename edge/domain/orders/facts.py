"""What happens to orders: every fact. A receipt is made from `OrderPaid` alone."""

from __future__ import annotations

from typing import Literal

import msgspec

from edge.domain.baskets.rules import Away, Collect
from edge.journal.entry import Fact
from pricing.campaigns import Campaign
from pricing.quote import Hint, QuoteLine, TaxPart, Used

RefundKind = Literal["return", "void", "exchange", "absent"]
"""`return`: goods come back. `void`: the whole order before its goods have left. `exchange`: the same good instead.
`absent`: what was to be fetched cannot be had.
"""
RefundWay = Literal["port", "cash", "none"]
"""How the money goes back: as it came, by hand, or there is none."""
Drawn = Literal["draw", "miss", "void", "removals"]
"""Why an order is checked: by lot, after a check that found something, after a void, after many removed scans."""


class OrderLine(QuoteLine, frozen=True, omit_defaults=True):
    """A line of a paid basket: what it cost on the shelf, what took something off, what was paid."""

    age: int = 0
    """From which age on it may be sold; staff looked."""
    away: Away = ""
    """Where it lay when it was bought, if not on the shelf: then staff fetch it."""


class OrderPoints(msgspec.Struct, frozen=True, omit_defaults=True):
    """What points did in an order."""

    burned: int = 0
    worth: int = 0
    """The money that they paid."""
    earned: int = 0
    balance: int | None = None
    """After both; none for who collects none."""


class PaidBy(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an order was paid."""

    payment: str
    port: str
    amount: int
    reference: str = ""
    by: str = ""
    """`port`, `till/<id>` or `staff/<id>`."""


class Promise(msgspec.Struct, frozen=True):
    """What the buyer was told of goods that are not on the shelf."""

    collect: Collect
    ready_ms: int
    """By when all of them are there."""


class OrderPaid(Fact, frozen=True, tag="order.paid.v1"):
    """A basket was paid. The entry's id names the order. Money in the currency's smallest unit."""

    basket: str
    currency: str
    total: int
    """What was paid in money for the goods."""
    shelf: int
    """What the goods cost on the shelf."""
    discount: int
    """What offers took off; points are not in it."""
    lines: tuple[OrderLine, ...]
    quote: str
    """Hash of the quote that was held and paid."""
    as_of_ms: int
    """When that was made."""
    member: str = ""
    session: str = ""
    """Of the screen or till where it was bought, if it was not on a phone."""
    used: tuple[Used, ...] = ()
    """Campaigns and coupons that took part, in the order of reckoning."""
    near: tuple[Hint, ...] = ()
    """Offers that came close, that had more to give, and gifts that were left."""
    taxes: tuple[TaxPart, ...] = ()
    points: OrderPoints = OrderPoints()
    paid: tuple[PaidBy, ...] = ()
    """Empty where offers and points paid for everything."""
    fees: int = 0
    """Late fees that were paid along; they stay paid when goods come back."""
    promoter: str = ""
    """Who brought its buyer to the store."""
    catalogue: str = ""
    campaigns: str = ""
    terms: tuple[Campaign, ...] = ()
    """What the offers said, where one of them has what stays of a return worked out anew."""
    promise: Promise | None = None
    """For its goods that are `away`; none where there are none."""

    @property
    def missed(self) -> tuple[Hint, ...]:
        """Offers for which some money was missing."""
        return tuple(hint for hint in self.near if hint.kind == "nearly" and hint.amount)


class OrderHandedOver(Fact, frozen=True, tag="order.handed_over.v1"):
    """Its goods have left the store with whoever paid for them."""

    order: str
    by: str


class PickupReady(Fact, frozen=True, tag="pickup.ready.v1"):
    """What was not on the shelf is there: at the collection point, or behind the door of a locker."""

    order: str
    by: str
    parcel: str = ""


class PickupHandedOver(Fact, frozen=True, tag="pickup.handed_over.v1"):
    """Whoever bought it has it."""

    order: str
    by: str


class AuditChosen(Fact, frozen=True, tag="audit.chosen.v1"):
    """Some pieces of this order are scanned again at the exit."""

    order: str
    why: Drawn
    pieces: int
    """How many at first; all of them once one is missing from the order."""


class Scanned(msgspec.Struct, frozen=True, omit_defaults=True):
    """A good that was scanned again, and how often."""

    gtin: str
    count: int = 1


class AuditPassed(Fact, frozen=True, tag="audit.passed.v1"):
    """What was scanned again is what was paid for."""

    order: str
    by: str
    scanned: tuple[Scanned, ...] = ()
    full: bool = False


class AuditFailed(Fact, frozen=True, tag="audit.failed.v1"):
    """What was scanned again is not what was paid for."""

    order: str
    by: str
    scanned: tuple[Scanned, ...] = ()
    unpaid: tuple[Scanned, ...] = ()
    """Lies in the bag and is not in the order."""
    absent: tuple[Scanned, ...] = ()
    """Is in the order and does not lie in the bag; known after all was scanned."""
    full: bool = False
    """Whether all was scanned; otherwise all is to be scanned now."""


class ReturnedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """Units of a line that come back."""

    line: str
    units: int
    amount: int = 0
    """Their share of what was paid in money."""
    points: int = 0
    """Their share of the points that were used."""


class RefundDecided(Fact, frozen=True, tag="refund.decided.v1"):
    """Goods of an order come back, or it is void: goods and points are booked now, the money is on its way.

    The entry's id names the refund, for its port as well.
    """

    order: str
    kind: RefundKind
    lines: tuple[ReturnedLine, ...]
    amount: int
    """Money that goes back."""
    currency: str
    way: RefundWay
    by: str
    """`staff/<id>` or `till/<id>`."""
    request: str
    """Sent twice, it is decided once."""
    reason: str = ""
    payment: str = ""
    """By which it was paid, where the money goes back that way."""
    port: str = ""
    points_back: int = 0
    """Points that had been used and are the member's again."""
    points_taken: int = 0
    """Points that had been earned by it."""
    kept: int = 0
    """What is held back because goods that stay lose a price that they had together; less than 0 where it comes after
    all."""


class RefundPending(Fact, frozen=True, tag="refund.pending.v1"):
    """The port has taken it; the money is on its way."""

    refund: str
    order: str
    reference: str = ""


class RefundDone(Fact, frozen=True, tag="refund.done.v1"):
    """The money is back."""

    refund: str
    order: str
    by: str
    """`port`, or who gave it back by hand."""
    reference: str = ""


class RefundAbnormal(Fact, frozen=True, tag="refund.abnormal.v1"):
    """The money cannot go back the way it came: staff finds another."""

    refund: str
    order: str
    reason: str
