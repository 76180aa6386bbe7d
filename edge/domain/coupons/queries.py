"""What is asked of coupons: whether one can be claimed, what is on offer, and what is in a wallet."""

from __future__ import annotations

import sqlite3

import msgspec

from edge.domain import held
from edge.domain.coupons.rules import HOUR_MS, ClaimRules, Hand, Hindrance, ended, is_running, not_here
from edge.journal import Reads
from words.languages import Wording

_QUESTION = """
SELECT c.*, t.zone AS here, t.purpose,
    (SELECT 1 FROM coupon_claims k WHERE k.browser=?3 AND k.coupon=c.coupon AND k.browser<>'') AS by_phone,
    (SELECT count(*) FROM coupon_claims k
        WHERE k.touchpoint=?2 AND k.coupon=c.coupon AND k.live=?4 AND k.live<>'') AS by_code,
    EXISTS (SELECT 1 FROM devices d
        WHERE d.kind='screen' AND d.zone=c.zone AND d.beside IS NULL AND d.online) AS on_screen
FROM coupons c LEFT JOIN touchpoints t ON t.touchpoint=?2 WHERE c.coupon=?1
"""


def hindrance(reads: Reads, *, coupon: str, hand: Hand, rules: ClaimRules, now_ms: int) -> Hindrance | None:
    """What stands between this phone and this coupon: coupon_unknown, _ended, _gone, _elsewhere, _taken_here,
    _at_screen, code_unknown, code_not_live, code_used_up, wrong_purpose, too_many_claims.
    """
    row = reads.one(_QUESTION, coupon, hand.touchpoint, hand.browser, hand.live)
    if row is None:
        return Hindrance("coupon_unknown")
    code = ended(row, now_ms) or not_here(row, hand, rules)
    if code is not None:
        return Hindrance(code)
    return None if hand.live or hand.proven else _printed(reads, row, rules, now_ms)


def _printed(reads: Reads, coupon: sqlite3.Row, rules: ClaimRules, now_ms: int) -> Hindrance | None:
    """A printed code says nothing of where its reader is."""
    taken = reads.all(
        "SELECT claimed_ms FROM coupon_claims WHERE coupon=? AND live='' AND NOT proven AND claimed_ms > ?"
        " ORDER BY claimed_ms DESC LIMIT ?",
        *(coupon["coupon"], now_ms - HOUR_MS, rules.printed_an_hour),
    )
    if len(taken) >= rules.printed_an_hour:
        return Hindrance("too_many_claims", max(1, (taken[-1]["claimed_ms"] + HOUR_MS - now_ms) // 1000))
    if coupon["on_screen"] and coupon["printed"] >= rules.printed_share * coupon["stock"]:
        return Hindrance("coupon_at_screen")
    return None


def on_offer(reads: Reads, zone: str, now_ms: int) -> list[sqlite3.Row]:
    """The coupons of a zone that can be claimed now, the soonest to end first."""
    rows = reads.all(
        f"SELECT * FROM coupons c WHERE zone=? AND withdrawn=0 AND claimed < stock AND NOT {held.COUPON}"  # noqa: S608
        " ORDER BY ends_ms IS NULL, ends_ms, coupon",
        zone,
    )
    return [row for row in rows if is_running(row, now_ms)]


def wallet(reads: Reads, member: str) -> list[sqlite3.Row]:
    """A member's coupons, the latest first, each with `claimed_ms` and `from_touchpoint`.

    Persons who became one may both have claimed the same: it counts once.
    """
    return reads.all(
        "SELECT c.*, min(w.claimed_ms) AS claimed_ms, w.touchpoint AS from_touchpoint FROM kin k"
        " JOIN wallet w ON w.member=k.other JOIN coupons c USING (coupon) WHERE k.member=?"
        " GROUP BY c.coupon ORDER BY min(w.claimed_ms) DESC, c.coupon",
        member,
    )


def titles(reads: Reads) -> dict[str, Wording]:
    """By coupon."""
    rows = reads.all("SELECT coupon, title FROM coupons ORDER BY rowid")
    return {row["coupon"]: Wording(msgspec.json.decode(row["title"])) for row in rows}
