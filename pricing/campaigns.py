"""Campaigns: what is cheaper, for whom, when and where.

Money is in the smallest unit, rates in basis points, times in Unix ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from words.languages import Words

Stage = Literal["item", "basket"]
"""Whether a benefit looks at single units or at the sum of what is left of them."""

Pairing = Literal["dear", "cheap"]
"""Which units stand together: the dearest first, the shopper's best; or the cheapest first, the store's."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Selector(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Goods: any that matches one of these. Empty, it is all goods."""

    products: tuple[str, ...] = ()
    """GTIN-14."""
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    """As the catalogue writes them, in any of its languages."""

    @property
    def everything(self) -> bool:
        return not (self.products or self.categories or self.brands)


class Bought(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Goods that the member bought before."""

    goods: Selector = Selector()
    days: int = 0
    """Within so many days; 0 is ever."""


class Condition(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When a campaign holds. Every part is optional, all that are there must hold."""

    goods: Selector = Selector()
    """What the benefit is on; of a gift: what must be bought for it."""
    spend_of: Selector | None = None
    """Whose shelf amounts and pieces count for `min_spend`, `min_qty` and `per`; none is `goods`."""
    min_spend: int = 0
    """Shelf amount from which on it holds; exactly as much counts."""
    min_qty: int = 0
    """Pieces, or weighed bags, from which on it holds."""
    zones: tuple[str, ...] = ()
    """Where in the store: whose screens show it, and where the shopper's session must stand."""
    touchpoints: tuple[str, ...] = ()
    screens: tuple[str, ...] = ()
    from_ms: int | None = None
    """First instant."""
    until_ms: int | None = None
    """First instant at which it no longer holds."""
    weekdays: tuple[Weekday, ...] = ()
    """In the store's zone; of hours that go past midnight it is the day on which they began."""
    month_days: tuple[int, ...] = ()
    """Days of the month, 1 to 31; the 31st is the last one of a shorter month as well."""
    hours: tuple[str, ...] = ()
    """`11:00-14:00`, in the store's zone; `22:00-02:00` goes past midnight."""
    member: bool = False
    """Members only."""
    levels: tuple[str, ...] = ()
    """Members of one of these levels only."""
    tags: tuple[str, ...] = ()
    """Members with one of these tags only."""
    birthday: int | None = None
    """Within so many days before and after the member's birthday; 0 is the day itself."""
    first_order: bool = False
    """Only for somebody who has not paid an order yet."""
    bought: Bought | None = None
    """Only for somebody who bought these before."""
    payments: tuple[str, ...] = ()
    """Only if paid by one of these ways."""


class Off(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="kind", tag="off"):
    """Money off: off the sum (stage `basket`), or off each unit (stage `item`)."""

    amount: int
    per: int = 0
    """Once per so much of shelf amount (每满减); 0 is once."""
    times: int = 0
    """At most so often; 0 is without bound."""


class Percent(
    msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="kind", tag="percent"
):
    """A share off: of the sum (stage `basket`), or of each unit (stage `item`)."""

    bp: int
    """1500 is 15 % off."""
    most: int = 0
    """Never more than so much money; 0 is without bound."""
    times: int = 0
    """At most so many units, of stage `item`; 0 is without bound."""


class Price(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="kind", tag="price"):
    """Each unit for a price: an offer, a flash sale (秒杀), an add-on (加价购)."""

    amount: int
    """Of one piece; of a kilogram of weighed goods."""
    times: int = 0
    """At most so many units, the dearest first; 0 is without bound."""


class Nth(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="kind", tag="nth"):
    """Of each `n` units the cheapest one is cheaper: 第二件半价 is n=2 with 5000, 买一送一 n=2, 3 for 2 n=3."""

    n: int
    bp: int = 10_000
    """What is off that unit; 10000 is free."""
    count: int = 1
    """So many units of each `n` are cheaper: 5 for 3 is n=5 with 2."""
    times: int = 0
    """At most so many groups; 0 is without bound."""
    pairing: Pairing = "dear"


class Part(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """So many units of these goods, in a bundle."""

    goods: Selector
    count: int = 1


class Bundle(
    msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="kind", tag="bundle"
):
    """Parts together for a price (套餐). A good belongs to one part: the one that names it as a product, else the first
    that means it.
    """

    price: int
    parts: tuple[Part, ...]
    times: int = 0
    """At most so many bundles; 0 is without bound."""


class Gift(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="kind", tag="gift"):
    """Units that cost nothing; they must lie in the basket (赠品)."""

    goods: Selector
    count: int = 1


class Points(
    msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="kind", tag="points"
):
    """More points for what is paid for these goods, no money off."""

    bp: int = 10_000
    """What is earned beside the usual, as a share of it: 10000 is twice the usual points."""
    fixed: int = 0
    """So many points at once."""


Benefit = Off | Percent | Price | Nth | Bundle | Gift | Points


class Limits(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How often a campaign gives its benefit.

    A use is one group, bundle, unit or gift of an item offer, one order of a basket offer, one coupon. What is over the
    limit is sold at the usual price.
    """

    per_order: int | None = None
    """Of a coupon: how many of them an order takes, one if nothing is said."""
    per_member: int | None = None
    per_member_day: int | None = None
    """By the store's local day."""
    per_store_day: int | None = None


class Budget(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a campaign may give in all."""

    uses: int | None = None
    amount: int | None = None
    """Money. The last one who takes part gets what is left of it."""
    shared: bool = False
    """Whether all stores of a chain draw on it: each gives only what it has a lease of."""


class Appearance(msgspec.Struct, frozen=True, kw_only=True):
    """What shoppers are shown of a campaign beside its name. Its fields stand behind all others of a campaign's."""

    subtitle: Words = {}
    """One line below the name."""
    terms: Words = {}
    """Small print."""
    art: str = ""
    """Drawing beside it."""
    tint: str = ""
    """Background of its card, #RRGGBB."""


class Campaign(Appearance, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One campaign: a condition, a benefit, and how it stands beside others."""

    id: str
    benefit: Benefit
    when: Condition = Condition()
    stage: Stage = "basket"
    """Of `off` and `percent`; the others look at units whatever it says."""
    priority: int = 0
    """0 to 9: higher is reckoned first, within its stage."""
    group: str = ""
    """At most one campaign of a group takes part."""
    excludes: tuple[str, ...] = ()
    """Groups or campaigns that do not go with it; it holds both ways."""
    alone: bool = False
    """Whether it takes part only where no other campaign does."""
    claim: bool = False
    """Whether it is a coupon: it takes part only once for each that lies in the wallet."""
    claim_days: int = 0
    """How many days a claimed one is good, to the end of the store's day; 0 is to the campaign's end."""
    limits: Limits = Limits()
    budget: Budget = Budget()
    on_return: Literal["keep", "reprice"] = "keep"
    """Whether what stays keeps its price when something is returned, or is priced anew."""
    funded_by: str = ""
    """Who pays for it; empty is the store."""
    version: int = 1
    words: Words = {}
    """Its name, short enough for a screen and a receipt."""

    @property
    def of_items(self) -> bool:
        """Whether it looks at units."""
        return self.stage == "item" or not isinstance(self.benefit, Off | Percent | Points)

    @property
    def scope(self) -> Selector:
        """Whose amounts and pieces its thresholds count."""
        return self.when.goods if self.when.spend_of is None else self.when.spend_of


def selectors(campaign: Campaign) -> Iterator[Selector]:
    """Every set of goods that it names."""
    when, found = campaign.when, campaign.benefit
    yield when.goods
    if when.spend_of is not None:
        yield when.spend_of
    if when.bought is not None:
        yield when.bought.goods
    if isinstance(found, Gift):
        yield found.goods
    if isinstance(found, Bundle):
        yield from (part.goods for part in found.parts)
