"""The terms of orders: their numbers, who is checked at the exit, and how far a return goes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from typing import Annotated, Final, Literal

import msgspec

from edge.domain.baskets.rules import Away, Collect
from edge.domain.orders.facts import Drawn, OrderLine, OrderPaid, Promise, RefundKind, RefundWay
from edge.domain.setting import DAYS, MINUTES, SHARE, Setting
from pricing.campaigns import Campaign
from pricing.quote import Quote
from words.unseen import seen

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SPOKEN: Final = str.maketrans("ILOU", "110V")
MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
MISS_MS: Final = 30 * DAY_MS
"""How long a check that found something asks for the next one."""
KEEP_MS: Final = 7 * DAY_MS
"""How long what was fetched lies ready for whoever bought it; then staff are told."""
GIVEN_MS: Final = 10 * MINUTE_MS
"""Cash that staff were to give is given within this, and noted; then they are reminded."""
MIN_AUDITED, MAX_AUDITED = 3, 5
"""Pieces that are scanned again at first."""

State = Literal["paid", "handed_over", "void"]


class OrderRules(msgspec.Struct, frozen=True):
    """What the store agrees on about orders, their receipts and the way out."""

    audit_share: Annotated[float, Setting(unit=SHARE, ge=0, le=1)] = 0.1
    """How many orders of people whom the exit does not know yet have some pieces scanned again there. Each check that
    finds nothing halves it, down to a tenth of it. 0 checks nobody by lot."""
    removals: Annotated[int, Setting(ge=0, le=100)] = 5
    """More scanned goods than this that were taken out of a basket again have its order checked."""
    receipt_zone: Annotated[str | None, Setting(form="id")] = None
    """The zone whose printer prints a receipt that is asked for on paper; left out, the one with least to do."""
    fetch_minutes: Annotated[int, Setting(unit=MINUTES, ge=1, le=1440)] = 20
    """How long staff may take to bring goods from the stock room to the collection point: what the buyer is told."""
    order_days: Annotated[int, Setting(unit=DAYS, ge=1, le=90)] = 2
    """How long goods take that another store or a warehouse has: what the buyer is told."""
    return_days: Annotated[int, Setting(unit=DAYS, ge=0, le=3650)] = 30
    """How long after the purchase staff may take goods back, or make an order void that was not handed over (a day at
    least); later a manager decides."""


class Terms(msgspec.Struct, frozen=True):
    """What a decision on a payment needs beside it."""

    rules: OrderRules
    draw: Callable[[str], float]
    """A lot between 0 and 1 for a basket: the same whenever it is drawn, and nobody can guess it."""
    promotions: Callable[[Quote], Sequence[Campaign]] = lambda _quote: ()
    """The catalogue's own promotions of a quote's goods, as offers; nothing where that catalogue is known no more."""


class Settled(msgspec.Struct, frozen=True):
    """What became of the news that something was paid."""

    outcome: Literal["paid", "already", "surplus", "doubtful"]
    order: str = ""
    """The order that it paid; empty where there is none."""


PickupState = Literal["due", "ready", "handed_over"]


class Pickup(msgspec.Struct, frozen=True):
    """Goods of an order that were not on the shelf, on their way to whoever bought them."""

    collect: Collect
    state: PickupState
    ready_ms: int
    """By when they are promised."""
    since_ms: int
    """Since when it is in this state."""
    parcel: str
    """Behind a locker's door; empty where they are elsewhere."""


class Order(msgspec.Struct, frozen=True):
    """An order as it is now."""

    order: str
    number: str
    """What a receipt shows and a return asks for."""
    member: str
    state: State
    at_ms: int
    paid: OrderPaid
    returned: dict[str, int]
    """Units that came back, by line."""
    refunded: int
    """Money that went back, or is on its way."""
    audit: Literal["", "chosen", "full", "passed", "failed"]
    """`full`: something was missing, all is scanned now."""
    audit_pieces: int
    audit_why: Drawn | Literal[""]
    handed_ms: int | None
    pickup: Pickup | None = None
    absent: dict[str, int] = {}
    """Those of the units that came back which could not be had, by line."""

    @property
    def to_fetch(self) -> tuple[tuple[OrderLine, int], ...]:
        """What staff fetch, and how many of each: all that is not on the shelf and can be had."""
        found = ((line, self.left(line.id)) for line in self.paid.lines if line.away)
        return tuple((line, count) for line, count in found if count) if self.state != "void" else ()

    @property
    def waits(self) -> PickupState | Literal[""]:
        """How far its goods are that were to be fetched; empty where there are none (any more)."""
        return self.pickup.state if self.pickup and self.to_fetch else ""

    def with_buyer(self, line: OrderLine) -> int:
        """How many of a line the buyer has, or took from the shelf."""
        fetched = not line.away or (self.pickup is not None and self.pickup.state == "handed_over")
        return self.left(line.id) if fetched else 0

    def left(self, line: str) -> int:
        """How many units of a line have not come back."""
        found = next((each for each in self.paid.lines if each.id == line), None)
        return units(found.quantity, found.grams) - self.returned.get(line, 0) if found else 0

    @property
    def pieces(self) -> int:
        """How many pieces were bought; a weighed bag is one."""
        return sum(units(line.quantity, line.grams) for line in self.paid.lines)


class Refund(msgspec.Struct, frozen=True):
    """A refund as it is now."""

    refund: str
    order: str
    kind: RefundKind
    way: RefundWay
    amount: int
    currency: str
    payment: str
    port: str
    state: Literal["decided", "pending", "done", "abnormal"]
    reason: str
    by: str
    at_ms: int
    since_ms: int
    points_back: int
    points_taken: int
    units: dict[str, int]
    """What was asked for, by line; nothing where the whole order is void."""


def units(quantity: int, grams: int | None) -> int:
    """How many units a line has: its pieces, or one bag."""
    return quantity if grams is None else 1


def number_of(order: str) -> str:
    """The number of an order, as a receipt shows it: ten letters and digits that nobody can guess, `7K3F9-QXM2P`."""
    bits = int(order.replace("-", "")[-13:], 16)
    letters = "".join(_LETTERS[bits >> shift & 31] for shift in range(45, -5, -5))
    return f"{letters[:5]}-{letters[5:]}"


def read_number(text: str) -> str:
    """The number that somebody typed: letters that look like digits are those; empty where it is no number."""
    plain = "".join(each for each in unicodedata.normalize("NFKC", seen(text)) if unicodedata.category(each) != "Pd")
    plain = "".join(plain.split()).upper().translate(_SPOKEN)
    if len(plain) != len("7K3F9QXM2P") or not set(plain) <= set(_LETTERS):
        return ""
    return f"{plain[:5]}-{plain[5:]}"


def promised(rules: OrderRules, away: Collection[Away], collect: Collect, now_ms: int) -> Promise | None:
    """What the buyer of goods that lie there is told; none where nothing is to be fetched."""
    if not any(away):
        return None
    takes = rules.order_days * DAY_MS if "elsewhere" in away else rules.fetch_minutes * MINUTE_MS
    return Promise(collect, now_ms + takes)


class Trust(msgspec.Struct, frozen=True):
    """What earlier checks at the exit and voids say of a person."""

    passed: int = 0
    """Checks in a row that found nothing."""
    missed: bool = False
    """Whether the last check found something, not long ago."""
    voided: bool = False
    """Whether an order was made void since the last check."""


def audit_reason(rules: OrderRules, trust: Trust, removed: int, lot: float) -> Drawn | None:
    """Why an order's pieces are scanned again; none where they are not."""
    if trust.missed:
        return "miss"
    if trust.voided:
        return "void"
    if removed > rules.removals:
        return "removals"
    share = max(rules.audit_share / 10, rules.audit_share / 2**trust.passed)
    return "draw" if lot < share else None
