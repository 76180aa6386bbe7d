"""What holding a basket reserves, and what ending that frees: facts for the decisions that do it."""

from __future__ import annotations

from edge.domain.baskets.facts import BasketReleased
from edge.domain.baskets.queries import hold
from edge.domain.baskets.rules import Why
from edge.domain.campaigns import reserving as campaigns
from edge.journal import Fact, Reads
from pricing.quote import Quote


def reserving(reads: Reads, quote: Quote, *, member: str, now_ms: int, until_ms: int) -> list[Fact]:
    """Returns the facts that what a quote uses is this basket's until then: uses of campaigns, coupons, points.

    Raises `Refusal` with the code of what another basket was quicker with.
    """
    uses = campaigns.reserving(reads, quote, member=member, now_ms=now_ms, until_ms=until_ms)
    return [uses] if uses else []


def releasing(reads: Reads, basket: str, why: Why) -> list[Fact]:
    """Returns the facts that a hold has ended and frees what it had reserved; none where nothing is held."""
    if hold(reads, basket) is None:
        return []
    uses = campaigns.releasing(reads, basket)
    return [BasketReleased(basket=basket, why=why), *([uses] if uses else [])]
