"""Leases come from the cloud and go back to it."""

from __future__ import annotations

from edge.domain.callers import asked_by
from edge.domain.campaigns.facts import BudgetExhausted, LeaseGranted, LeaseReturned
from edge.domain.campaigns.leases import cloud_key, is_exhausted
from edge.journal import Tx


@asked_by("store")
def take(tx: Tx, lease: LeaseGranted, *, stream: str) -> bool:
    """Hold a lease that the cloud granted; False where it is held already.

    Refuses: lease_not_ours (of another stream, or signed by another cloud than the first one).
    """
    known = cloud_key(tx)
    if lease.stream != stream or (known and lease.key != known):
        raise tx.refuse("lease_not_ours", lease=lease.lease)
    if tx.one("SELECT 1 FROM leases WHERE lease=?", lease.lease):
        return False
    tx.emit(lease)
    return True


@asked_by("store")
def exhausted(tx: Tx, campaign: str) -> bool:
    """The cloud has nothing left of a budget; True where that is new."""
    if is_exhausted(tx, campaign):
        return False
    tx.emit(BudgetExhausted(campaign=campaign))
    return True


@asked_by("store")
def give_back(tx: Tx) -> int:
    """Return the leases that have ended and that no basket has reserved from. Returns how many.

    Until the cloud has read this, all of a lease counts as spent there, however late it comes. So it does not matter
    how right this box's clock is.
    """
    ended = tx.all(
        "SELECT lease, campaign, spent_uses, spent_amount FROM leases l WHERE state='held' AND ends_ms<=?"
        " AND NOT EXISTS (SELECT 1 FROM campaign_reserved r WHERE r.campaign=l.campaign)",
        tx.now,
    )
    for row in ended:
        tx.emit(LeaseReturned(lease=row[0], campaign=row[1], uses=row[2], amount=row[3]))
    return len(ended)
