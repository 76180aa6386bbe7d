"""What is priced: goods, lines, and who buys where. Money in the smallest unit, times in Unix ms, weights in grams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from words.languages import Words


class Goods(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """A good as its shelf shows it now."""

    gtin: str
    price: int
    """Usual price of one piece, or of a kilogram."""
    promo_price: int | None = None
    """Instead of `price`, while the catalogue's promotion holds."""
    category: str = ""
    brand: str = ""
    brand_names: tuple[str, ...] = ()
    """The brand as other languages write it."""
    tax_bp: int = 0
    """Rate of the tax that is inside the price: 1300 is 13 %."""
    no_offers: bool = False
    """Whether it is out of every offer and threshold, as tobacco, value cards and deposits are."""
    age: int = 0
    """From which age on it may be bought; 0 is any."""
    promo_buy: int = 0
    """The catalogue's promotion: so many for the price of `promo_pay`; 0 is none."""
    promo_pay: int = 0
    per_kg: bool = False
    """Whether the price is that of a kilogram."""
    names: Words = {}

    @property
    def shelf(self) -> int:
        """What a piece or a kilogram of it costs on its shelf."""
        return self.price if self.promo_price is None else self.promo_price


class Line(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """What was scanned: pieces, or one weighed bag."""

    id: str
    gtin: str
    quantity: int = 1
    grams: int | None = None
    """Of a weighed bag."""
    label_price: int | None = None
    """What the label of a bag says; it is what the bag costs."""
    scanned: str = ""
    """How and where: `camera`, a scanner's touchpoint, `digits`, `search`."""
    age_checked_by: str = ""
    """The staff that saw the buyer's age."""
    added_ms: int = 0


class Basket(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What somebody is about to buy."""

    id: str
    lines: tuple[Line, ...] = ()
    owner: str = ""
    """A member, or a guest's or kiosk's session."""
    revision: int = 0


class Member(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The buyer, as far as offers ask."""

    id: str = ""
    level: str = ""
    tags: tuple[str, ...] = ()
    """What codes said of them, as long as they want to be told of offers."""
    birthday: str = ""
    """`05-17`."""
    first_order: bool = False
    """Whether this would be the first order that is paid."""
    counted_order: str = ""
    """The order that was paid before, which `why` names."""
    bought: Mapping[str, int] = {}
    """When each good was bought last, by GTIN."""
    points: int = 0
    """Balance."""


class Place(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where and how it is bought."""

    zone: str = ""
    touchpoint: str = ""
    screen: str = ""
    timezone: str = "UTC"
    """The store's, by its IANA name."""
    payment: str = ""
    """The way of paying that was chosen; empty until one is."""


CouponState = Literal["claimed", "reserved", "redeemed", "ended"]


class WalletCoupon(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One coupon of the member."""

    coupon: str
    campaign: str
    usable_from_ms: int = 0
    until_ms: int | None = None
    """First instant at which it is no longer good."""
    state: CouponState = "claimed"
    basket: str = ""
    """The basket that it is reserved for: there it may still be used."""


class Counters(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How often a campaign gave its benefit before this basket."""

    member: int = 0
    """To this member, ever."""
    member_day: int = 0
    """To this member today."""
    store_day: int = 0
    """To everybody here today."""
    uses: int = 0
    """To everybody, ever."""
    amount: int = 0
    """Money that it gave, ever."""
    offline: bool = False
    """Whether what is left of its budget cannot be had before the store is online again."""


class Terms(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The store's own rules for money and points."""

    currency: str = "CNY"
    point_worth: int = 1
    """What a point pays, in the smallest unit."""
    burn_step: int = 100
    """Points are used in multiples of this."""
    burn_most_bp: int = 5000
    """Share of what is to be paid that points may pay."""
    earn_every: int = 100
    """Money paid for one point; 0 earns nothing."""
    quote_ms: int = 600_000
    """How long a quote is good."""
    nodes: int = 5000
    """How many partial sets of offers are looked at before the best one found so far is taken."""
    coupons: int = 20
    """How many coupons are considered, the most valuable ones."""


class Versions(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the inputs were taken from."""

    catalogue: str = ""
    campaigns: str = ""
