"""What becomes of coupons when baskets are held, let go, paid and returned: facts for the decisions that do it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from edge.domain.campaigns import leases
from edge.domain.campaigns.facts import LeaseSpent
from edge.domain.coupons.facts import (
    CouponClaimed,
    CouponEnded,
    CouponRedeemed,
    CouponReleased,
    CouponReserved,
    CouponReturned,
    Ending,
)
from edge.domain.coupons.queries import claim_obstacle
from edge.domain.coupons.rules import ClaimRules, ClaimSource, Coupon, coupon_id
from edge.domain.coupons.sources import offered
from edge.domain.ledger.queries import zone_of
from edge.domain.ledger.rules import end_after
from edge.errors import Refusal
from edge.journal import Reads


def reserving(reads: Reads, coupons: Iterable[str], *, basket: str, member: str, now_ms: int) -> list[CouponReserved]:
    """Returns the facts that a basket of this member has these coupons; none for what it has already.

    Raises `Refusal`: coupon_unknown, coupon_used, coupon_reserved, coupon_ended, coupon_not_yet.
    """
    made = []
    for name in dict.fromkeys(coupons):
        row = _wallet_row(reads, name, member)
        if row is None:
            raise Refusal("coupon_unknown", coupon=name)
        if row["state"] == "reserved" and row["basket"] == basket:
            continue
        if (code := _hindered(row, now_ms)) is not None:
            raise Refusal(code, coupon=name)
        made.append(CouponReserved(coupon=name, basket=basket))
    return made


def _wallet_row(reads: Reads, coupon: str, member: str) -> sqlite3.Row | None:
    return reads.one(
        "SELECT w.* FROM kin k JOIN wallet w ON w.member=k.other WHERE k.member=? AND w.coupon=?", member, coupon
    )


def _hindered(row: sqlite3.Row, now_ms: int) -> str | None:
    codes = {"redeemed": "coupon_used", "reserved": "coupon_reserved", "ended": "coupon_ended"}
    if row["state"] in codes:
        return codes[row["state"]]
    if row["until_ms"] is not None and row["until_ms"] <= now_ms:
        return "coupon_ended"
    return "coupon_not_yet" if row["usable_from_ms"] > now_ms else None


def releasing(reads: Reads, basket: str) -> list[CouponReleased]:
    """Returns the facts that whatever a basket has reserved is good again."""
    rows = reads.all("SELECT coupon FROM wallet WHERE state='reserved' AND basket=? ORDER BY coupon", basket)
    return [CouponReleased(coupon=row["coupon"], basket=basket) for row in rows]


def redeeming(reads: Reads, coupons: Iterable[str], *, basket: str, order: str) -> list[CouponRedeemed]:
    """Returns the facts that a paid order used these coupons up; none for what it has used already.

    Money that has come is not refused any more: a coupon that meanwhile went into another basket, because this one's
    time was over, stays with that one.
    """
    made = []
    for name in dict.fromkeys(coupons):
        row = reads.one("SELECT state, basket FROM wallet WHERE coupon=?", name)
        if row is not None and row["state"] != "redeemed" and row["basket"] in ("", basket):
            made.append(CouponRedeemed(coupon=name, basket=basket, order=order))
    return made


def returning(reads: Reads, coupons: Iterable[str], *, order: str, now_ms: int) -> list[CouponReturned]:
    """Returns the facts that these coupons of an order are good again, as far as their time is not over.

    For who has brought back everything that a coupon had made cheaper.
    """
    made = []
    for name in dict.fromkeys(coupons):
        row = reads.one("SELECT * FROM wallet WHERE coupon=? AND state='redeemed' AND order_id=?", name, order)
        if row is not None and (row["until_ms"] is None or row["until_ms"] > now_ms):
            made.append(CouponReturned(coupon=name, order=order))
    return made


class IssuedCoupon(NamedTuple):
    """A coupon, and the facts that somebody has it."""

    coupon: str
    facts: tuple[LeaseSpent | CouponClaimed, ...]


def granting(
    reads: Reads,
    campaign: str,
    member: str,
    *,
    request: str,
    why: str,
    now_ms: int,
    touchpoint: str = "",
    usable_from_ms: int = 0,
) -> IssuedCoupon | None:
    """Returns the facts that a member is given a coupon, for an order or a registration; none where the campaign is
    over or gone. For one thing a person is given one, whoever of their kin asks.
    """
    found = offered(reads, campaign)
    if found is None or found.hindrance(now_ms) is not None or was_given(reads, member, campaign, why):
        return None
    made = claiming(
        found,
        member,
        _next(reads, campaign, member),
        touchpoint=touchpoint,
        request=request,
        why=why,
        usable_from_ms=usable_from_ms,
        until_ms=good_until(reads, found, max(now_ms, usable_from_ms)),
    )
    return _leased(reads, found, made, now_ms)


def was_given(reads: Reads, member: str, campaign: str, why: str) -> bool:
    """Whether a person, or who is one with them, was ever given a coupon of a campaign for that."""
    row = reads.one(
        "SELECT 1 FROM kin k JOIN wallet w ON w.member=k.other WHERE k.member=? AND w.campaign=? AND w.given_for=?",
        *(member, campaign, why),
    )
    return row is not None


def _leased(reads: Reads, found: Coupon, made: CouponClaimed, now_ms: int) -> IssuedCoupon | None:
    """With its share of a budget that a chain's stores have together; none where nothing of that is leased here."""
    try:
        spent = leases.claiming(reads, found.campaign, coupon=made.coupon, now_ms=now_ms)
    except Refusal:
        return None
    return IssuedCoupon(made.coupon, (made,) if spent is None else (spent, made))


def good_until(reads: Reads, found: Coupon, from_ms: int) -> int | None:
    """Returns up to when a coupon is good that somebody has from then on; none is without end."""
    of = found.campaign
    if of is None or not of.claim_days:
        return found.ends_ms
    own = end_after(max(from_ms, of.when.from_ms or 0), of.claim_days, zone_of(reads))
    return own if found.ends_ms is None else min(own, found.ends_ms)


def claiming(
    found: Coupon,
    member: str,
    number: int,
    *,
    touchpoint: str,
    request: str,
    until_ms: int | None,
    why: str = "",
    usable_from_ms: int = 0,
    browser: str = "",
    live: str | None = None,
    proven: bool = False,
) -> CouponClaimed:
    """Returns the fact that a member has the n-th coupon of a campaign; nothing is asked any more."""
    begins = found.campaign.when.from_ms if found.campaign else None
    return CouponClaimed(
        coupon=coupon_id(found.coupon, member, number),
        campaign=found.coupon,
        member=member,
        touchpoint=touchpoint,
        request=request,
        usable_from_ms=max(usable_from_ms, begins or 0),
        until_ms=until_ms,
        browser=browser,
        live=live,
        proven=proven,
        why=why,
    )


def by_hand(reads: Reads, found: Coupon, member: str, hand: ClaimSource, request: str, now_ms: int) -> CouponClaimed:
    """Returns the fact that a member claimed a coupon with a phone and a code."""
    return claiming(
        found,
        member,
        _next(reads, found.coupon, member),
        touchpoint=hand.touchpoint,
        request=request,
        until_ms=good_until(reads, found, now_ms),
        browser=hand.browser,
        live=hand.live,
        proven=hand.proven,
    )


def with_registration(
    reads: Reads, member: str, *, coupon: str, hand: ClaimSource, request: str, rules: ClaimRules, now_ms: int
) -> tuple[LeaseSpent | CouponClaimed, ...]:
    """Returns the facts that somebody has the coupon that they register for, for the decision that registers them; none
    where something stands in its way, which the page that follows says.
    """
    found = offered(reads, coupon)
    if found is None or claim_obstacle(reads, found, hand=hand, rules=rules, now_ms=now_ms) is not None:
        return ()
    given = _leased(reads, found, by_hand(reads, found, member, hand, request, now_ms), now_ms)
    return given.facts if given else ()


def _next(reads: Reads, campaign: str, member: str) -> int:
    """Returns the number of a member's next coupon of a campaign: past all that they, as one with their kin, ever had,
    and past those of a time when they were one with others.
    """
    row = reads.one(
        "SELECT count(*) AS n FROM kin k JOIN wallet w ON w.member=k.other WHERE k.member=? AND w.campaign=?",
        member,
        campaign,
    )
    number = (row["n"] if row else 0) + 1
    while reads.one("SELECT 1 FROM wallet WHERE coupon=?", coupon_id(campaign, member, number)) is not None:
        number += 1
    return number


def ending(reads: Reads, coupons: Sequence[str], why: Ending) -> list[CouponEnded]:
    """Returns the facts that these coupons are no longer good, as far as nobody has used or reserved them."""
    return [
        CouponEnded(coupon=name, why=why)
        for name in coupons
        if reads.one("SELECT 1 FROM wallet WHERE coupon=? AND state='claimed'", name) is not None
    ]


def given_for(reads: Reads, member: str, why: str) -> list[str]:
    """Returns the coupons that a member was given for something, and has not used."""
    rows = reads.all(
        "SELECT coupon FROM wallet WHERE member=? AND given_for=? AND state='claimed' ORDER BY coupon", member, why
    )
    return [row["coupon"] for row in rows]
