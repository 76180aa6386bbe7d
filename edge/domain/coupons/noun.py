"""Coupons: offered, claimed, kept in a wallet."""

from __future__ import annotations

from typing import Final

from edge.domain.coupons import reminding, tables
from edge.domain.coupons.facts import (
    CouponClaimed,
    CouponOffered,
    CouponPacked,
    CouponRedeemed,
    CouponReserved,
    CouponReturned,
    CouponWithdrawn,
    OfferClaimed,
)
from edge.domain.coupons.from_settings import take_over
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="coupons",
    rules=4,
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    carry=tables.CARRY,
    guarded=frozenset(
        {OfferClaimed, CouponClaimed, CouponReserved, CouponRedeemed, CouponReturned, CouponPacked},
    ),
    take_over=(take_over,),
    on_tick=(reminding.on_tick,),
    notices={
        "layout": (CouponOffered,),
        "screens": (CouponOffered, CouponWithdrawn, CouponClaimed),
    },
    api=("edge.web.api.coupons:router",),
    pages=("edge.web.pages.offers.page:PAGE", "edge.web.pages.welcome.page:PAGE", "edge.web.pages.wallet.page:PAGE"),
)
