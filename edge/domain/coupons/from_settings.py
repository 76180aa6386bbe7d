"""Coupons as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.callers import asked_by
from edge.domain.coupons.decisions import offer
from edge.domain.coupons.facts import CouponOffered
from edge.journal import Tx
from words.languages import in_words

if TYPE_CHECKING:
    from edge.settings.settings import Settings


@asked_by("store")
def take_over(tx: Tx, settings: Settings) -> None:
    """Take over the coupons; only what differs becomes a fact."""
    offer(
        tx,
        [
            CouponOffered(
                coupon=coupon.id,
                zone=coupon.zone,
                title=in_words(coupon.title),
                subtitle=in_words(coupon.subtitle),
                price=coupon.price,
                was=coupon.was,
                stock=coupon.stock,
                art=coupon.art,
                tint=coupon.tint,
                ends_ms=int(coupon.ends_at.timestamp() * 1000) if coupon.ends_at else None,
            )
            for coupon in settings.coupons
        ],
    )
