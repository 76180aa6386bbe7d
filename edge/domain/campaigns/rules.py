"""The terms of campaigns as the store holds them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from pricing.campaigns import Campaign

BY_SETTINGS: Final = "settings"
"""Who puts campaigns into force that stand in the files."""


class CampaignStatus(msgspec.Struct, frozen=True):
    """A campaign and what became of it."""

    campaign: Campaign
    paused: bool
    paused_by: str
    paused_why: str
    changed_ms: int
    uses: int
    """How often it was used."""
    amount: int
    """Money that it gave."""


def as_used(campaign: Campaign) -> Campaign:
    """A coupon as a basket uses it: zones, codes and screens say where it is claimed, and it is good everywhere."""
    if not campaign.claim:
        return campaign
    when = msgspec.structs.replace(campaign.when, zones=(), touchpoints=(), screens=())
    return msgspec.structs.replace(campaign, when=when)


def digest(campaign: Campaign) -> str:
    """SHA-256 over what a campaign says, whichever version of it that is, hexadecimal."""
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(campaign, version=0))).hexdigest()


def digest_of_all(campaigns: Iterable[Campaign]) -> str:
    """SHA-256 over all of them, in whatever order they come, hexadecimal."""
    return hashlib.sha256("\n".join(sorted(map(digest, campaigns))).encode()).hexdigest()


def store_day(now_ms: int, timezone: str) -> str:
    """The day that it is in the store, as an ISO date."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(timezone)).date().isoformat()
