"""Which campaigns are in force, and which of them staff has stopped."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.domain.callers import asked_by
from edge.domain.campaigns.facts import (
    CampaignPaused,
    CampaignPublished,
    CampaignResumed,
    CampaignsActivated,
    CampaignWithdrawn,
)
from edge.domain.campaigns.queries import known
from edge.domain.campaigns.rules import digest, digest_of_all
from edge.journal import Tx
from pricing.campaigns import Campaign


@asked_by("store")
def activate(tx: Tx, campaigns: Sequence[Campaign], by: str) -> bool:
    """Put exactly these campaigns into force; only what differs becomes a fact. Returns whether anything did.

    A campaign that was stopped stays so, whatever its file says anew.
    """
    sha256 = digest_of_all(campaigns)
    row = tx.one("SELECT sha256 FROM campaign_versions ORDER BY place DESC LIMIT 1")
    if (row is None and not campaigns) or (row is not None and row["sha256"] == sha256):
        return False
    version = sha256[:12]
    before = known(tx)
    for each in campaigns:
        said, number = before.pop(each.id, ("", 0))
        if said != digest(each):
            tx.emit(CampaignPublished(campaign=msgspec.structs.replace(each, version=number + 1), version=version))
    for gone, (said, _) in before.items():
        if said:
            tx.emit(CampaignWithdrawn(campaign=gone))
    tx.emit(CampaignsActivated(version=version, sha256=sha256, by=by, count=len(campaigns)))
    return True


@asked_by("staff")
def pause(tx: Tx, *, campaign: str, by: str, reason: str) -> bool:
    """Stop a campaign. Returns whether it was not stopped yet. Refuses: campaign_unknown, reason_missing."""
    if not reason.strip():
        raise tx.refuse("reason_missing", campaign=campaign)
    if _is_paused(tx, campaign):
        return False
    tx.emit(CampaignPaused(campaign=campaign, by=by, reason=reason.strip()))
    return True


@asked_by("staff")
def resume(tx: Tx, *, campaign: str, by: str, reason: str = "") -> bool:
    """Let a campaign go on. Returns whether it was stopped. Refuses: campaign_unknown.

    Of one that was withdrawn meanwhile the coupons that people have are good again.
    """
    if not _is_paused(tx, campaign):
        return False
    tx.emit(CampaignResumed(campaign=campaign, by=by, reason=reason.strip()))
    return True


def _is_paused(tx: Tx, campaign: str) -> bool:
    row = tx.one("SELECT paused FROM campaigns WHERE campaign=? AND (withdrawn=0 OR paused=1)", campaign)
    if row is None:
        raise tx.refuse("campaign_unknown", campaign=campaign)
    return bool(row["paused"])
