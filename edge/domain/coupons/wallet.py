"""A member's wallet: which coupons are good now, which later, which are held, used or ended, each saying why."""

from __future__ import annotations

import sqlite3
from typing import Final

import msgspec

from edge.domain.coupons.facts import Notice
from edge.domain.coupons.rules import NOTHING_TO_TELL, Coupon, OwnedCoupon, SentNotice, State
from edge.domain.coupons.sources import offered, offered_by
from edge.domain.held import queries as held
from edge.journal import Reads
from pricing.basket import WalletCoupon
from pricing.campaigns import Campaign

_OF_MEMBER: Final = "SELECT w.* FROM kin k JOIN wallet w ON w.member=k.other WHERE k.member=?"
_TOLD: Final[tuple[tuple[Notice, str], ...]] = (("begins", "beginning_told"), ("ends", "ending_told"))
PAST: Final = 50
"""Used and ended coupons that a wallet goes on showing."""


def usable(reads: Reads, member: str, now_ms: int) -> list[WalletCoupon]:
    """Returns what may take part in a price: everything that is neither used nor ended, good now or later; not what a
    till redeems by hand.

    A coupon that is reserved says for which basket. The price says of each that it does not use why.
    """
    rows = reads.all(
        f"{_OF_MEMBER} AND w.state IN ('claimed', 'reserved') AND (w.until_ms IS NULL OR w.until_ms>?"  # noqa: S608 - our own
        " OR w.state='reserved') AND EXISTS (SELECT 1 FROM campaigns c WHERE c.campaign=w.campaign) ORDER BY w.coupon",
        member,
        now_ms,
    )
    kept_back = held.coupons(reads)
    return [_usable(row) for row in rows if not kept_back & {row["coupon"], row["campaign"]}]


def _usable(row: sqlite3.Row) -> WalletCoupon:
    return WalletCoupon(
        coupon=row["coupon"],
        campaign=row["campaign"],
        usable_from_ms=row["usable_from_ms"],
        until_ms=row["until_ms"],
        state=row["state"],
        basket=row["basket"],
    )


def campaigns_of(reads: Reads, member: str) -> tuple[Campaign, ...]:
    """Returns the campaigns that are no longer published, and of which a member still has a good coupon: what was
    promised stays, as a coupon. A campaign that staff paused gives nothing to anybody.
    """
    rows = reads.all(f"{_OF_MEMBER} AND w.state IN ('claimed', 'reserved')", member)
    if not rows:
        return ()
    found = offered_by(reads, sorted({row["campaign"] for row in rows}), had=True).values()
    gone = [each.campaign for each in found if each.campaign and each.withdrawn and not each.paused]
    return tuple(msgspec.structs.replace(each, claim=True) for each in gone)


def wallet(reads: Reads, member: str, now_ms: int) -> list[OwnedCoupon]:
    """Returns a member's coupons: those that are good first, the soonest to end before the others; then what was used
    and what ended, the latest first.
    """
    rows = reads.all(f"{_OF_MEMBER} ORDER BY w.changed_ms DESC, w.coupon", member)
    known = offered_by(reads, (row["campaign"] for row in rows), had=True)
    kept = [_owned_coupon(reads, row, known[row["campaign"]], now_ms) for row in rows if row["campaign"] in known]
    good = [each for each in kept if each.state in ("now", "later", "reserved")]
    past = [each for each in kept if each.state in ("used", "ended")]
    return _within_limit(sorted(good, key=_soonest)) + past[:PAST]


def owned_coupon(reads: Reads, member: str, coupon: str, now_ms: int) -> OwnedCoupon | None:
    """Returns one coupon of a member; none where it is somebody else's."""
    row = reads.one(f"{_OF_MEMBER} AND w.coupon=?", member, coupon)
    of = offered(reads, row["campaign"], had=True) if row else None
    return _owned_coupon(reads, row, of, now_ms) if row and of else None


def _within_limit(good: list[OwnedCoupon]) -> list[OwnedCoupon]:
    """Persons who became one may both have claimed what everybody may have once: that is shown which is used first."""
    found: list[OwnedCoupon] = []
    for each in good:
        if sum(other.of.coupon == each.of.coupon for other in found) < each.of.each:
            found.append(each)
    return found


def _soonest(each: OwnedCoupon) -> tuple[bool, bool, int, str]:
    return each.state == "later", each.until_ms is None, each.until_ms or 0, each.id


def _owned_coupon(reads: Reads, row: sqlite3.Row, of: Coupon, now_ms: int) -> OwnedCoupon:
    # What was claimed before coupons had an end of their own ends with its offer.
    until = row["until_ms"] if row["until_ms"] is not None else of.ends_ms
    state, why = _state(row, of, until, now_ms)
    packs = reads.all("SELECT pack FROM coupon_packs WHERE coupon=? ORDER BY pack", row["coupon"])
    return OwnedCoupon(
        id=row["coupon"],
        of=of,
        state=state,
        why=why,
        claimed_ms=row["claimed_ms"],
        usable_from_ms=row["usable_from_ms"],
        until_ms=until,
        basket=row["basket"],
        order=row["order_id"],
        changed_ms=row["changed_ms"],
        packs=tuple(each["pack"] for each in packs),
        told=tuple(SentNotice(about, row[column]) for about, column in _TOLD if row[column] > NOTHING_TO_TELL),
    )


def _state(row: sqlite3.Row, of: Coupon, until: int | None, now_ms: int) -> tuple[State, str]:
    settled: dict[str, tuple[State, str]] = {
        "redeemed": ("used", "used"),
        "ended": ("ended", row["why"]),
        "reserved": ("reserved", "reserved"),
    }
    if row["state"] in settled:
        return settled[row["state"]]
    if until is not None and until <= now_ms:
        return "ended", "time"
    if of.paused or row["usable_from_ms"] > now_ms:
        return "later", "paused" if of.paused else "later"
    return "now", "now" if of.campaign else "till"
