"""Offers of a zone, and the wallets that they are claimed into.

A coupon is claimed with a code of its own zone. A screen's coupon needs the live code of that screen, and each live
code serves a few phones. A printed code is public knowledge: what people without a proven number can take with it is
bounded, by the hour and by a share of the stock. One phone claims a coupon as often as one person may, whoever it says
it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.domain.callers import Caller, Proof, asked_by
from edge.domain.campaigns import leases
from edge.domain.coupons.coupon_facts import by_hand
from edge.domain.coupons.facts import CouponOffered, CouponPacked, CouponWithdrawn
from edge.domain.coupons.queries import claim_obstacle
from edge.domain.coupons.rules import Claim, ClaimRules, ClaimSource
from edge.domain.coupons.sources import offered
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
def claim(
    tx: Tx, *, coupon: str, caller: Caller, hand: ClaimSource, request: str, rules: ClaimRules | None = None
) -> Claim:
    """Put a coupon into a member's wallet; as often as one person may have it. Refuses: not_registered, coupon_unknown,
    and what `claim_obstacle` says.
    """
    return _claim(tx, coupon, caller.member, hand, request, rules or ClaimRules())


@asked_by("machine")
def claim_at(tx: Tx, *, coupon: str, member: str, hand: ClaimSource, request: str, rules: ClaimRules) -> Claim:
    """As `claim`, for a member who showed their code at the screen that offers it."""
    return _claim(tx, coupon, member, hand, request, rules)


def _claim(tx: Tx, coupon: str, member: str, hand: ClaimSource, request: str, rules: ClaimRules) -> Claim:
    found = offered(tx, coupon)
    if found is None:
        raise tx.refuse("coupon_unknown", coupon=coupon)
    if tx.one("SELECT 1 FROM kin WHERE member=?", member) is None:
        raise tx.refuse("not_registered")
    had = tx.all(
        "SELECT w.coupon, w.request FROM kin k JOIN wallet w ON w.member=k.other WHERE k.member=? AND w.campaign=?"
        " ORDER BY w.claimed_ms DESC, w.coupon",
        member,
        coupon,
    )
    sent = [row for row in had if row["request"] == request]
    if sent or len(had) >= found.each:
        return Claim(coupon, already=True, kept=(sent or had)[0]["coupon"])
    why = claim_obstacle(tx, found, hand=hand, rules=rules, now_ms=tx.now)
    if why is not None:
        details = {"seconds": why.seconds} if why.seconds else {}
        raise tx.refuse(why.code, coupon=coupon, touchpoint=hand.touchpoint, **details)
    if (lacking := lacking_consent(tx, member)) is not None:
        raise lacking
    made = by_hand(tx, found, member, hand, request, tx.now)
    spent = leases.claiming(tx, found.campaign, coupon=made.coupon, now_ms=tx.now)
    if spent is not None:
        tx.emit(spent)
    tx.emit(made)
    return Claim(coupon, already=False, kept=made.coupon)


@asked_by(Proof.DEVICE)
def pack(tx: Tx, *, coupon: str, caller: Caller, pack: str, card: str) -> bool:
    """Note that another wallet has one of the caller's coupons as well. False where that was known. Refuses:
    coupon_unknown.
    """
    row = tx.one(
        "SELECT w.member, p.card FROM kin k JOIN wallet w ON w.member=k.other"
        " LEFT JOIN coupon_packs p ON p.coupon=w.coupon AND p.pack=? WHERE k.member=? AND w.coupon=?",
        pack,
        caller.member,
        coupon,
    )
    if row is None:
        raise tx.refuse("coupon_unknown", coupon=coupon)
    if row["card"] == card:
        return False
    tx.emit(CouponPacked(coupon=coupon, member=row["member"], pack=pack, card=card))
    return True
