"""What happens to campaigns: every fact."""

from __future__ import annotations

import msgspec

from edge.journal.entry import Fact
from pricing.campaigns import Campaign


class CampaignPublished(Fact, frozen=True, tag="campaign.published.v1"):
    """A campaign is as this says from now on: a new one, or one that was changed."""

    campaign: Campaign
    version: str
    """Of the campaigns as a whole, which it belongs to."""


class CampaignWithdrawn(Fact, frozen=True, tag="campaign.withdrawn.v1"):
    """A campaign is no more. Coupons of it that were claimed stay good for as long as they say."""

    campaign: str


class CampaignPaused(Fact, frozen=True, tag="campaign.paused.v1"):
    """Staff has stopped a campaign; it gives nothing until it is resumed."""

    campaign: str
    by: str
    reason: str = ""


class CampaignResumed(Fact, frozen=True, tag="campaign.resumed.v1"):
    """A campaign that was stopped goes on."""

    campaign: str
    by: str
    reason: str = ""


class CampaignsActivated(Fact, frozen=True, tag="campaigns.activated.v1"):
    """From now on these campaigns are in force, together."""

    version: str
    sha256: str
    """Over all of them, hexadecimal."""
    by: str
    count: int = 0


class Use(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one campaign gives in a basket."""

    campaign: str
    uses: int = 1
    """How often that counts for its limits."""
    amount: int = 0
    """Money off."""


class CampaignsReserved(Fact, frozen=True, tag="campaigns.reserved.v1"):
    """A basket that is about to be paid has these uses for itself until then: limits and budgets count them."""

    basket: str
    day: str
    """Of the store, as an ISO date."""
    until_ms: int
    uses: tuple[Use, ...]
    member: str = ""


class CampaignsReleased(Fact, frozen=True, tag="campaigns.released.v1"):
    """What a basket had reserved is free again."""

    basket: str


class CampaignsUsed(Fact, frozen=True, tag="campaigns.used.v1"):
    """A paid order has used these campaigns. What comes back later uses nothing less: a limit is no stock."""

    order: str
    day: str
    uses: tuple[Use, ...]
    basket: str = ""
    member: str = ""


class LeaseGranted(Fact, frozen=True, tag="lease.granted.v1"):
    """A part of a campaign's shared budget is this store's to give away, until its end and in this journal alone."""

    lease: str
    campaign: str
    store: str
    stream: str
    """The journal's stream that it was granted to, hexadecimal. In another one it is worth nothing."""
    number: int
    """The how-manieth of this campaign in this stream: a question that is asked again gets the same lease."""
    granted_ms: int
    ends_ms: int
    """By the cloud's clock."""
    uses: int | None = None
    amount: int | None = None
    """Money."""
    key: str = ""
    """The cloud's public key, Ed25519, hexadecimal."""
    signature: str = ""
    """By that key, over the lease as it was sent."""


class LeaseReturned(Fact, frozen=True, tag="lease.returned.v1"):
    """A lease has ended and nothing is given from it any more; what was not spent is free for other stores once the
    cloud has read this.
    """

    lease: str
    campaign: str
    uses: int
    """Spent."""
    amount: int
    """Spent: money."""


class BudgetExhausted(Fact, frozen=True, tag="budget.exhausted.v1"):
    """The cloud has nothing left to lease of a shared budget."""

    campaign: str


class LeaseSpent(Fact, frozen=True, tag="lease.spent.v1"):
    """A coupon of a shared budget was claimed: whatever becomes of it, nobody else can have it."""

    campaign: str
    uses: int
    coupon: str
