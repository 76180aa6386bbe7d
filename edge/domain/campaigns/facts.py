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
