"""What is asked of coupons: whether one can be claimed, and what is on offer."""

from __future__ import annotations

from typing import Final

import msgspec

from edge.domain.coupons.rules import CLAIMABLE, HOUR_MS, ClaimObstacle, ClaimRules, ClaimSource, Coupon
from edge.domain.coupons.sources import all_offered, offered, titles
from edge.domain.ledger.queries import given_only
from edge.journal import Reads

__all__ = [
    "claim_obstacle", "claimed_by", "claimed_in_all", "count_of", "coupon", "on_offer", "on_offer_anywhere", "titles",
]  # fmt: skip


class _Question(msgspec.Struct, frozen=True):
    """What a phone and a code have to do with a coupon."""

    zone: str | None
    """Of the code; none where there is no such code."""
    purpose: str | None
    by_phone: int
    by_code: int
    on_screen: int


PAPER: Final = "p"
"""How the name of a code on paper begins, which one phone may use; those of a screen are hexadecimal digits."""
_QUESTION: Final = """
SELECT t.zone AS here, t.purpose,
    (SELECT count(*) FROM coupon_claims k WHERE k.browser=?3 AND k.coupon=?1 AND k.browser<>'') AS by_phone,
    (SELECT count(*) FROM coupon_claims k
        WHERE k.touchpoint=?2 AND k.coupon=?1 AND k.live=?4 AND k.live<>'') AS by_code,
    EXISTS (SELECT 1 FROM devices d
        WHERE d.kind='screen' AND d.zone=t.zone AND d.attached_to IS NULL AND d.online) AS on_screen
FROM (SELECT 1) LEFT JOIN touchpoints t ON t.touchpoint=?2
"""


def claim_obstacle(
    reads: Reads, coupon: Coupon, *, hand: ClaimSource, rules: ClaimRules, now_ms: int
) -> ClaimObstacle | None:
    """What stands between this phone and this coupon: coupon_unknown, _ended, _gone, _elsewhere, _taken_here,
    _at_screen, code_unknown, code_not_live, code_used_up, wrong_purpose, too_many_claims.
    """
    if coupon.coupon in given_only(reads):
        return ClaimObstacle("coupon_unknown")
    row = reads.one(_QUESTION, coupon.coupon, hand.touchpoint, hand.browser, hand.live)
    assert row is not None  # noqa: S101 - it asks for one row whatever there is
    asked = _Question(*tuple(row))
    code = coupon.hindrance(now_ms) or _not_here(coupon, asked, hand, rules)
    if code is not None:
        return ClaimObstacle(code)
    return None if hand.live or hand.proven else _printed(reads, coupon, asked, rules, now_ms)


def _not_here(coupon: Coupon, asked: _Question, hand: ClaimSource, rules: ClaimRules) -> str | None:
    paper = hand.live.startswith(PAPER)
    if not paper and (why := _not_there(coupon, asked, hand)) is not None:
        return why
    if asked.by_phone >= coupon.each:
        return "coupon_taken_here"
    return "code_used_up" if hand.live and asked.by_code >= (1 if paper else rules.live_code) else None


def _not_there(coupon: Coupon, asked: _Question, hand: ClaimSource) -> str | None:
    """What of the place stands in the way. Paper was given out there: what becomes of the place takes nothing back."""
    if asked.zone is None:
        return "code_unknown"
    if asked.purpose not in CLAIMABLE:
        return "wrong_purpose"
    if not coupon.is_of(asked.zone, hand.touchpoint):
        return "coupon_elsewhere"
    if asked.purpose == "screen" and not hand.live:
        return "code_not_live"
    return None


def _printed(reads: Reads, coupon: Coupon, asked: _Question, rules: ClaimRules, now_ms: int) -> ClaimObstacle | None:
    """A printed code says nothing of where its reader is."""
    taken = reads.all(
        "SELECT claimed_ms FROM coupon_claims WHERE coupon=? AND live='' AND NOT proven AND claimed_ms > ?"
        " ORDER BY claimed_ms DESC LIMIT ?",
        *(coupon.coupon, now_ms - HOUR_MS, rules.printed_an_hour),
    )
    if len(taken) >= rules.printed_an_hour:
        return ClaimObstacle("too_many_claims", max(1, (taken[-1]["claimed_ms"] + HOUR_MS - now_ms) // 1000))
    share = None if coupon.stock is None else rules.printed_share * coupon.stock
    if asked.on_screen and share is not None and coupon.printed >= share:
        return ClaimObstacle("coupon_at_screen")
    return None


def coupon(reads: Reads, name: str) -> Coupon | None:
    """Returns what can be claimed by that name, whatever became of it."""
    return offered(reads, name)


def on_offer(reads: Reads, zone: str, now_ms: int) -> list[Coupon]:
    """The coupons of a zone that can be claimed now, the soonest to end first."""
    return [each for each in all_offered(reads, now_ms) if each.is_of(zone)]


def on_offer_anywhere(reads: Reads, now_ms: int) -> list[Coupon]:
    """The coupons of the whole store that can be claimed now, the soonest to end first."""
    return all_offered(reads, now_ms)


def claimed_by(reads: Reads, member: str) -> frozenset[str]:
    """Returns the campaigns of which a member has a coupon, or had one."""
    rows = reads.all("SELECT w.campaign FROM kin k JOIN wallet w ON w.member=k.other WHERE k.member=?", member)
    return frozenset(row["campaign"] for row in rows)


def count_of(reads: Reads, member: str) -> int:
    """Returns how many coupons this person claimed."""
    row = reads.one("SELECT count(*) AS n FROM wallet WHERE member=?", member)
    return row["n"] if row else 0


def claimed_in_all(reads: Reads) -> int:
    """Returns how many coupons were ever claimed."""
    row = reads.one(
        "SELECT (SELECT coalesce(sum(claimed), 0) FROM coupons)"
        " + (SELECT coalesce(sum(claimed), 0) FROM coupon_counts) AS n"
    )
    return row["n"] if row else 0
