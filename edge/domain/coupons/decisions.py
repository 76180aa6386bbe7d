"""Offers of a zone, and the wallets that they are claimed into.

A coupon is claimed with a code of its own zone. A screen's coupon needs the live code of that screen, and each live
code serves a few phones. A printed code is public knowledge: what people without a proven number can take with it is
bounded, by the hour and by a share of the stock. One phone claims a coupon once, whoever it says it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.coupons.facts import CouponClaimed, CouponOffered, CouponWithdrawn
from edge.domain.coupons.queries import hindrance
from edge.domain.coupons.rules import Claim, ClaimRules, Hand
from edge.domain.members.queries import lacking_consent
from edge.journal import Tx


@asked_by("store")
def offer(tx: Tx, coupons: Sequence[CouponOffered]) -> None:
    """Take over the configured coupons; only what differs becomes a fact."""
    known = {
        row["coupon"]: row["definition"] for row in tx.all("SELECT coupon, definition FROM coupons WHERE withdrawn=0")
    }
    for coupon in coupons:
        if known.pop(coupon.coupon, None) != msgspec.json.encode(coupon).decode():
            tx.emit(coupon)
    for gone in known:
        tx.emit(CouponWithdrawn(coupon=gone))


@asked_by(Proof.DEVICE)
def claim(tx: Tx, *, coupon: str, caller: Caller, hand: Hand, request: str, rules: ClaimRules | None = None) -> Claim:
    """Put a coupon into a member's wallet, once. Refuses: not_registered, coupon_unknown, and what `hindrance` says."""
    row = tx.one(
        "SELECT EXISTS (SELECT 1 FROM kin WHERE member=?1) AS registered,"
        " EXISTS (SELECT 1 FROM kin k JOIN wallet w ON w.member=k.other AND w.coupon=c.coupon WHERE k.member=?1)"
        " AS owned FROM coupons c WHERE c.coupon=?2",
        caller.member,
        coupon,
    )
    if row is None:
        raise tx.refuse("coupon_unknown", coupon=coupon)
    if not row["registered"]:
        raise tx.refuse("not_registered")
    if row["owned"]:
        return Claim(coupon, already=True)
    why = hindrance(tx, coupon=coupon, hand=hand, rules=rules or ClaimRules(), now_ms=tx.now)
    if why is not None:
        details = {"seconds": why.seconds} if why.seconds else {}
        raise tx.refuse(why.code, coupon=coupon, touchpoint=hand.touchpoint, **details)
    if (lacking := lacking_consent(tx, caller.member)) is not None:
        raise lacking
    tx.emit(
        CouponClaimed(
            coupon=coupon,
            member=caller.member,
            touchpoint=hand.touchpoint,
            request=request,
            browser=hand.browser,
            live=hand.live,
            proven=hand.proven,
        )
    )
    return Claim(coupon, already=False)
