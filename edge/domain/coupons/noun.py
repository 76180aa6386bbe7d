"""Coupons: offered, claimed, kept in a wallet."""

from __future__ import annotations

from typing import Final

from edge.domain.coupons import tables
from edge.domain.coupons.facts import CouponClaimed, CouponOffered, CouponWithdrawn
from edge.domain.coupons.from_settings import take_over
from edge.domain.noun import Noun

NOUN: Final = Noun(
    name="coupons",
    schema=tables.SCHEMA,
    facts=tables.APPLIES,
    guarded=frozenset({CouponClaimed}),
    take_over=(take_over,),
    notices={"layout": (CouponOffered,), "screens": (CouponOffered, CouponWithdrawn, CouponClaimed)},
    api=("edge.web.api.coupons:router",),
    pages=("edge.web.pages.offers.page:PAGE", "edge.web.pages.welcome.page:PAGE", "edge.web.pages.wallet.page:PAGE"),
)
