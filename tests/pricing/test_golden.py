"""Every case that was worked out by hand."""

from __future__ import annotations

import pytest

from pricing.basket import WalletCoupon
from pricing.price import price
from pricing.quote import Quote
from tests.pricing.golden import GOLDEN, Golden
from tests.pricing.goods import NOW_MS, basket, day


def quoted(case: Golden) -> Quote:
    lines, catalogue = basket(case.basket)
    wallet = [
        WalletCoupon(coupon=each.id, campaign=each.id, until_ms=day(case.ends[each.id]) if case.ends else None)
        for each in case.offers
        if each.claim
    ]
    return price(lines, catalogue=catalogue, campaigns=case.offers, wallet=wallet, now_ms=NOW_MS)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: str(case.number))
def test_it_costs_what_was_worked_out(case: Golden) -> None:
    quote = quoted(case)
    assert [sum(each.amount for each in line.discounts) for line in quote.lines] == list(case.discounts)
    assert quote.total == case.total
    if case.used:
        assert ",".join(each.coupon or each.campaign for each in quote.used) == case.used
    for campaign, (code, short) in case.why_not.items():
        assert [(each.code, each.short) for each in quote.not_used if each.campaign == campaign] == [(code, short)]
