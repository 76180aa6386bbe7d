"""What a file of `config/campaigns` may say: each campaign as a table, with the sentence that people read for each key.

Percents are written as people say them (`15`, `12.5`), days and times in the store's time, hours as `17:00-21:00`;
`edge.settings.campaigns` makes the campaigns of it that prices are worked out by (`pricing.campaigns`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from edge.settings import hours
from edge.settings.campaign_benefits import Benefit, Count, GoodsSettings, Money, Name, SomeMoney
from edge.settings.forms import Colour, Identifier, several
from edge.settings.model import SettingsModel
from edge.settings.sections import LARGEST
from edge.settings.texts import Paragraphs, Text
from pricing.campaigns import Bought, Condition, Weekday
from words.languages import Wording

MonthDay = Annotated[int, Field(ge=1, le=31)]


def _whole_hours(text: str) -> str:
    found = hours.hours(text)
    if found.first == found.last:
        raise ValueError(
            f'expected two different times such as "17:00-21:00"; found "{text}": leave it out for all day'
        )
    return text


HoursText = Annotated[str, AfterValidator(_whole_hours)]


class BoughtSettings(GoodsSettings):
    """What the member has bought before."""

    days: Annotated[int, Field(ge=0, le=3650)] = 0
    """Within how many days; 0 is ever."""


class WhenSettings(SettingsModel):
    """When, where and for whom a campaign holds. Every part may be left out; all that stand there must hold."""

    min_spend: Money = 0
    """So much must the goods cost at shelf prices; exactly as much counts. 0 is any sum."""
    min_qty: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """So many of them, pieces or weighed bags."""
    spend_of: GoodsSettings | None = None
    """Which goods count for `min_spend`, `min_qty` and `per`; the campaign's own goods where it is left out."""
    zones: tuple[Identifier, ...] = ()
    """Zones whose screens and codes offer it; everywhere where it is left out."""
    touchpoints: tuple[Identifier, ...] = ()
    """Only for baskets and claims that came by these codes."""
    screens: tuple[Identifier, ...] = ()
    """Only at these screens."""
    from_: Annotated[AwareDatetime | None, Field(alias="from")] = None
    """First day (2026-12-01) or first moment (2026-12-01T08:00:00), in the store's time where it names no zone."""
    until: AwareDatetime | None = None
    """Last day, which counts whole (2026-12-31), or the moment from which on it does not hold any more."""
    weekdays: tuple[Weekday, ...] = ()
    """Days of the week: mon, tue, wed, thu, fri, sat, sun."""
    month_days: tuple[MonthDay, ...] = ()
    """Days of the month, such as 8, 18 and 28 for a member day; 31 is the last day of a shorter month as well."""
    hours: Annotated[tuple[HoursText, ...], BeforeValidator(several)] = ()
    """Hours of the day in the store's time, such as "11:00-14:00", or several in a list. Those across midnight,
    22:00-02:00, belong to the day that they begin on."""
    levels: tuple[Name, ...] = ()
    """Levels of members; every one of them, and guests, where it is left out."""
    members_only: bool = False
    """Whether it is for members alone."""
    tags: tuple[Identifier, ...] = ()
    """Only for members with one of these tags, which codes that they scanned say of them (`tag` of a touchpoint)."""
    birthday: Annotated[int, Field(ge=0, le=31)] | None = None
    """From so many days before a member's birthday to as many after; 0 is the day itself."""
    first_order: bool = False
    """Whether it is for a member's first order alone."""
    bought: BoughtSettings | None = None
    """Only for members who have bought this before."""
    paid_by: tuple[Identifier, ...] = ()
    """Only when it is paid by one of these ways."""

    def to_struct(self, goods: GoodsSettings) -> Condition:
        """As prices are worked out by it, for these goods."""
        bought = self.bought
        return Condition(
            goods=goods.selector(),
            spend_of=None if self.spend_of is None else self.spend_of.selector(),
            min_spend=self.min_spend,
            min_qty=self.min_qty,
            zones=self.zones,
            touchpoints=self.touchpoints,
            screens=self.screens,
            from_ms=_unix_ms(self.from_),
            until_ms=_unix_ms(self.until),
            weekdays=self.weekdays,
            month_days=self.month_days,
            hours=self.hours,
            member=self.members_only,
            levels=self.levels,
            tags=self.tags,
            birthday=self.birthday,
            first_order=self.first_order,
            bought=None if bought is None else Bought(bought.selector(), bought.days),
            payments=self.paid_by,
        )


def _unix_ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


class LimitsSettings(SettingsModel):
    """How often a campaign may be used. What is left out has no limit."""

    order: Count | None = None
    """In one order."""
    member: Count | None = None
    """By one member, ever."""
    member_day: Count | None = None
    """By one member in a day of the store."""
    store_day: Count | None = None
    """In the store in one of its days."""


class BudgetSettings(SettingsModel):
    """What a campaign may cost in all. When it is used up, the campaign is over."""

    uses: Annotated[int, Field(ge=1, le=LARGEST)] | None = None
    """How often; for a coupon, how many may be claimed."""
    amount: SomeMoney | None = None
    """How much money."""
    shared: bool = False
    """Whether all stores of the chain draw on it: this one gives what the cloud leases to it."""


class CampaignSettings(SettingsModel):
    """One campaign."""

    id: Identifier
    """Its name in facts and on receipts. A new campaign gets a new one."""
    name: Text
    """What shoppers read, short enough for a screen."""
    about: Paragraphs = Wording()
    """One line below the name."""
    terms: Paragraphs = Wording()
    """Small print."""
    art: Identifier | None = None
    """A drawing that stands for it; none where it is left out."""
    tint: Colour = "#EFE7DA"
    """Background of its card, #RRGGBB; a light colour, the text on it is dark."""
    goods: GoodsSettings = GoodsSettings()
    """Goods that it makes cheaper; every one where it is left out."""
    when: WhenSettings = WhenSettings()
    """When, where and for whom it holds."""
    benefit: Benefit
    """What it gives; `kind` says how."""
    stage: Literal["item", "basket"] | None = None
    """Whether it is taken off each piece, or off the sum of the basket. `off` and `percent` are of the basket where it
    is left out; all others are of the piece."""
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    """Within a stage higher ones are taken first: 9 before 0."""
    group: Identifier | None = None
    """Of the campaigns and coupons of one group only one is used in a basket. Leave it out for one of its own."""
    excludes: tuple[Identifier, ...] = ()
    """Campaigns or groups that are not used together with it, whichever of them says so."""
    alone: bool = False
    """Whether nothing else is used in a basket that it is used in."""
    claim: bool = False
    """Whether it is a coupon, which a member must have claimed."""
    claim_days: Annotated[int, Field(ge=0, le=3650)] = 0
    """How many days a claimed coupon is good, to the end of the store's day and never beyond the campaign's end. 0 is
    to the campaign's end."""
    limits: LimitsSettings = LimitsSettings()
    """How often it may be used."""
    budget: BudgetSettings = BudgetSettings()
    """What it may cost in all."""
    on_return: Literal["keep", "reprice"] = "keep"
    """When some of the goods come back: `keep` gives back what was paid for them; `reprice` works out anew what stays,
    by the offers of the day of purchase."""
    funded_by: Name = "store"
    """Who pays for it: the store, a brand, a supplier."""


class CampaignsFile(SettingsModel):
    """What stands in a file of `campaigns/`."""

    campaigns: tuple[CampaignSettings, ...] = ()
    """Campaigns and coupons."""
