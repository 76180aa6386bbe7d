"""What this store may give of budgets that a chain's stores share: the leases that it holds."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from edge.domain.campaigns.facts import LeaseSpent
from edge.errors import Refusal
from edge.journal import Reads
from pricing.basket import Counters
from pricing.campaigns import Campaign

MARGIN_MS: Final = 5 * 60_000
"""So long before its end nothing is given from a lease any more."""
AHEAD_MS: Final = 12 * 3600_000
"""A store asks for what it expects to give in this time."""
HALF: Final = 0.5
"""Once no more than this is left of its newest lease, it asks for the next one,"""
EARLY_MS: Final = 3600_000
"""or so long before that lease ends."""

_NUMBER: Final = "SELECT coalesce(max(number), 0) AS number FROM leases WHERE campaign=? AND stream=?"
_RESERVED: Final = (
    "SELECT coalesce(sum(uses), 0) AS uses, coalesce(sum(amount), 0) AS amount FROM campaign_reserved"
    " WHERE campaign=? AND basket<>?"
)


class HeldLease(msgspec.Struct, frozen=True):
    """A lease that this store holds."""

    lease: str
    uses: int | None
    amount: int | None
    granted_ms: int
    ends_ms: int
    spent_uses: int
    spent_amount: int
    spent_ms: int | None
    """When something was last given from it."""

    def is_usable(self, now_ms: int) -> bool:
        """Whether something may still be promised from it."""
        return now_ms < self.ends_ms - MARGIN_MS

    def share_left(self) -> float:
        """What part of it is left, of whichever of uses and money is nearer its end."""
        parts = ((self.uses, self.spent_uses), (self.amount, self.spent_amount))
        return min((max(0, had - spent) / had for had, spent in parts if had), default=0.0)

    def is_nearly_over(self, now_ms: int) -> bool:
        """Whether the next one should be asked for."""
        return self.share_left() <= HALF or now_ms >= self.ends_ms - EARLY_MS

    def expected(self, now_ms: int) -> tuple[int, int]:
        """Returns uses and money that a store will give in `AHEAD_MS`, if it goes on as with this lease."""
        until = now_ms if self.share_left() > 0 or self.spent_ms is None else self.spent_ms
        span = max(60_000, until - self.granted_ms)
        return -(-self.spent_uses * AHEAD_MS // span), -(-self.spent_amount * AHEAD_MS // span)


class Wish(msgspec.Struct, frozen=True):
    """What a store would like to have of a shared budget."""

    campaign: str
    number: int
    """Of this campaign's leases in this stream; it stays the same until that lease is here."""
    uses: int = 0
    """Expected for `AHEAD_MS`; 0 where it cannot be told yet."""
    amount: int = 0


def held(reads: Reads, campaign: str) -> list[HeldLease]:
    """Returns the leases that are neither returned nor another box's, the first to end first."""
    rows = reads.all(
        "SELECT lease, uses, amount, granted_ms, ends_ms, spent_uses, spent_amount, spent_ms FROM leases"
        " WHERE campaign=? AND state='held' ORDER BY ends_ms, lease",
        campaign,
    )
    return [_lease(row) for row in rows]


def _lease(row: sqlite3.Row) -> HeldLease:
    return HeldLease(*row)


def is_exhausted(reads: Reads, campaign: str) -> bool:
    """Whether the cloud said that nothing is left to lease."""
    return reads.one("SELECT 1 FROM exhausted_budgets WHERE campaign=?", campaign) is not None


def cloud_key(reads: Reads) -> str:
    """Returns the key that signed the first lease of this store; empty before there was one."""
    row = reads.one("SELECT key FROM leases WHERE key<>'' ORDER BY granted_ms, lease LIMIT 1")
    return str(row["key"]) if row else ""


def counted(reads: Reads, campaign: Campaign, before: Counters, *, basket: str, now_ms: int) -> Counters:
    """Returns the counters of a campaign so that exactly what is leased, and no basket has reserved, is left of it.

    The leases take the place of the budget as a whole, which no store can know while it is by itself.
    """
    if campaign.claim:
        return before  # what is in a wallet was spent when it was claimed
    usable = [each for each in held(reads, campaign.id) if each.is_usable(now_ms)]
    reserved = reads.one(_RESERVED, campaign.id, basket)
    taken_uses, taken_amount = (reserved["uses"], reserved["amount"]) if reserved else (0, 0)
    budget = campaign.budget
    uses_left = sum(max(0, (each.uses or 0) - each.spent_uses) for each in usable) - taken_uses
    amount_left = sum(max(0, (each.amount or 0) - each.spent_amount) for each in usable) - taken_amount
    empty = (budget.uses is not None and uses_left <= 0) or (budget.amount is not None and amount_left <= 0)
    return msgspec.structs.replace(
        before,
        uses=before.uses if budget.uses is None else budget.uses - max(0, uses_left),
        amount=before.amount if budget.amount is None else budget.amount - max(0, amount_left),
        offline=empty and not is_exhausted(reads, campaign.id),
    )


def claiming(reads: Reads, campaign: Campaign | None, *, coupon: str, now_ms: int) -> LeaseSpent | None:
    """Returns the fact that a coupon is taken from a shared budget; none where its budget is the store's own.

    Raises `Refusal`: coupon_gone, where nothing of it is leased to this store.
    """
    if campaign is None or not campaign.budget.shared:
        return None
    usable = (each for each in held(reads, campaign.id) if each.is_usable(now_ms))
    if not any((each.uses or 0) > each.spent_uses for each in usable):
        raise Refusal("coupon_gone", coupon=campaign.id)
    return LeaseSpent(campaign=campaign.id, uses=1, coupon=coupon)


def wishes(reads: Reads, campaigns: tuple[Campaign, ...], *, stream: str, now_ms: int) -> list[Wish]:
    """Returns what to ask the cloud for now: half of the newest lease is gone, or its end is near."""
    return [
        wish
        for campaign in campaigns
        if campaign.budget.shared and (wish := _wish(reads, campaign.id, stream, now_ms)) is not None
    ]


def _wish(reads: Reads, campaign: str, stream: str, now_ms: int) -> Wish | None:
    there = held(reads, campaign)
    newest = there[-1] if there else None
    if newest is not None and not newest.is_nearly_over(now_ms):
        return None
    row = reads.one(_NUMBER, campaign, stream)
    number = (row["number"] if row else 0) + 1
    uses, amount = newest.expected(now_ms) if newest else (0, 0)
    return Wish(campaign, number, uses, amount)
