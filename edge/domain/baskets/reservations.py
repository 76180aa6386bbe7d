"""What holding a basket reserves, and what ending that frees: facts for the decisions that do it."""

from __future__ import annotations

from edge.domain.baskets.facts import BasketReleased
from edge.domain.baskets.queries import hold
from edge.domain.baskets.rules import Why
from edge.domain.campaigns import reservations as campaigns
from edge.domain.coupons import coupon_facts as coupons
from edge.domain.ledger import postings as ledger
from edge.journal import Fact, Reads
from pricing.quote import Quote


def reserving(reads: Reads, quote: Quote, *, member: str, now_ms: int, until_ms: int) -> list[Fact]:
    """Returns the facts that what a quote uses is this basket's until then: uses of campaigns, coupons, points.

    Raises `Refusal` with the code of what another basket was quicker with.
    """
    uses = campaigns.reserving(reads, quote, member=member, now_ms=now_ms, until_ms=until_ms)
    own = [each.coupon for each in quote.used if each.coupon]
    return [
        *([uses] if uses else []),
        *coupons.reserving(reads, own, basket=quote.basket, member=member, now_ms=now_ms),
        *ledger.reserving(reads, member, quote.basket, quote.points.burned, now_ms),
    ]


def releasing(reads: Reads, basket: str, why: Why) -> list[Fact]:
    """Returns the facts that a hold has ended and frees what it had reserved; none where nothing is held."""
    if hold(reads, basket) is None:
        return []
    uses = campaigns.releasing(reads, basket)
    return [
        BasketReleased(basket=basket, why=why),
        *([uses] if uses else []),
        *coupons.releasing(reads, basket),
        *ledger.releasing(reads, basket),
    ]
