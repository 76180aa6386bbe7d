"""What a basket costs, and why. Money in the smallest unit."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from words.languages import Words


class Discount(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What one campaign takes off one line."""

    campaign: str
    amount: int
    coupon: str = ""


class QuoteLine(msgspec.Struct, frozen=True, gc=False):
    """A scanned line: `pay` is `shelf` less its discounts less `burned`."""

    id: str
    gtin: str
    quantity: int
    shelf: int
    """What all of it costs on the shelf."""
    pay: int
    grams: int | None = None
    unit: int = 0
    """Price of one piece or of a kilogram; for display only."""
    discounts: tuple[Discount, ...] = ()
    burned: int = 0
    """What points pay of it, in money."""
    points: int = 0
    """The points that pay it."""
    tax_bp: int = 0
    names: Words = {}
    no_offers: bool = False
    """Out of every offer and point: what is paid for it earns none."""
    bonus: int = 0
    """Points that campaigns give for it beside the usual: they go with its units."""


class Used(msgspec.Struct, frozen=True, gc=False):
    """A campaign that takes part, in the order of reckoning."""

    campaign: str
    amount: int
    coupon: str = ""
    uses: int = 1
    """How often it counts for limits and budget."""
    wasted: int = 0
    """What it could have given on a larger basket."""
    points: int = 0
    """Points that it earns."""
    version: int = 1
    words: Words = {}


class NotUsed(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A campaign or coupon that does not take part, and what is missing."""

    campaign: str
    code: str
    coupon: str = ""
    short: int = 0
    """So much money, or so many pieces, uses or points are missing, or so much it is worse."""
    by: str = ""
    """The campaign, group or order that stands in its way."""
    wanted: tuple[str, ...] = ()
    """What would do: zones, levels, tags, ways of paying."""
    at_ms: int | None = None
    """When it begins, or when it ended."""
    words: Words = {}


HintKind = Literal["take_gift", "nearly", "wasted", "propose"]


class Hint(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something worth saying to the shopper."""

    kind: HintKind
    campaign: str
    coupon: str = ""
    amount: int = 0
    """Money: what is missing, what is wasted, what it would give."""
    count: int = 0
    """Pieces that are missing or may be taken."""
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    words: Words = {}


class PointsPart(msgspec.Struct, frozen=True):
    """What points do here."""

    balance: int = 0
    may_burn: int = 0
    """The most that may be used here."""
    burned: int = 0
    worth: int = 0
    """What they pay."""
    will_earn: int = 0
    code: str = ""
    """Why fewer are used than were asked for: `points_step`, `points_cap`, `points_balance`."""


class TaxPart(msgspec.Struct, frozen=True):
    """The tax inside what is paid at one rate."""

    bp: int
    paid: int
    tax: int


class Quote(msgspec.Struct, frozen=True):
    """A basket's price: the same inputs give the same bytes."""

    basket: str
    revision: int
    currency: str
    as_of_ms: int
    until_ms: int
    """First instant at which it is no longer good."""
    timezone: str
    lines: tuple[QuoteLine, ...]
    total: int
    """What is to be paid."""
    shelf: int
    """What it would cost without offers and points."""
    discount: int
    """What offers take off."""
    used: tuple[Used, ...] = ()
    not_used: tuple[NotUsed, ...] = ()
    hints: tuple[Hint, ...] = ()
    points: PointsPart = PointsPart()
    taxes: tuple[TaxPart, ...] = ()
    exact: bool = True
    """Whether no other set of offers is better; see `bound`."""
    bound: int = 0
    """No set of offers saves more than this beyond `discount`; 0 where it is exact."""
    catalogue: str = ""
    """Version of the catalogue."""
    campaigns: str = ""
    """Version of the campaigns."""
    hash: str = ""
    """Over everything else."""

    @property
    def id(self) -> str:
        """Its name: the same for the same inputs."""
        return self.hash[:16]


def sealed(quote: Quote) -> Quote:
    """Returns the quote with its hash."""
    bare = msgspec.structs.replace(quote, hash="")
    said = msgspec.json.encode(bare, order="deterministic")
    return msgspec.structs.replace(bare, hash=hashlib.sha256(said).hexdigest())
