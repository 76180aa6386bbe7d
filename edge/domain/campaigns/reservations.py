"""What a basket's campaigns come to, as the facts to state: other nouns hold and pay baskets."""

from __future__ import annotations

from edge.domain.campaigns.facts import CampaignsReleased, CampaignsReserved, CampaignsUsed, Use
from edge.domain.campaigns.queries import campaign as campaign_of
from edge.domain.campaigns.queries import has_first_order_offer, uses
from edge.domain.campaigns.rules import store_day
from edge.errors import Refusal
from edge.journal import Reads
from pricing.basket import Counters
from pricing.campaigns import Campaign
from pricing.quote import Quote


def reserving(reads: Reads, quote: Quote, *, member: str, now_ms: int, until_ms: int) -> CampaignsReserved | None:
    """Returns the fact that a basket has the uses of its quote for itself; none where it uses no campaign.

    Counted anew, inside the decision: the quote may be minutes old. Raises `Refusal`: limit_member, limit_member_day,
    limit_store_day, budget_gone.
    """
    if not quote.used:
        return None
    day = store_day(now_ms, quote.timezone)
    before = uses(reads, member=member, day=day, now_ms=now_ms, basket=quote.basket)
    wanted = _uses(quote)
    for use in wanted:
        found = campaign_of(reads, use.campaign)
        code = _passed(found, before.get(use.campaign, Counters()), use) if found else ""
        if found and found.when.first_order and has_first_order_offer(reads, member, basket=quote.basket):
            code = "limit_member"
        if code:
            raise Refusal(code, campaign=use.campaign)
    return CampaignsReserved(basket=quote.basket, day=day, until_ms=until_ms, uses=wanted, member=member)


def releasing(reads: Reads, basket: str) -> CampaignsReleased | None:
    """Returns the fact that a basket's reserved uses are free; none where it has none."""
    there = reads.one("SELECT 1 FROM campaign_reserved WHERE basket=?", basket)
    return CampaignsReleased(basket=basket) if there else None


def using(reads: Reads, quote: Quote, *, order: str, member: str, now_ms: int) -> CampaignsUsed | None:
    """Returns the fact that a paid order has used the campaigns of its quote; none where it uses none.

    What was paid is not refused any more: a budget that is passed by it shows so. Limits of a day are those of the day
    on which it was held, whose price it is, also where it is paid after midnight.
    """
    wanted = _uses(quote)
    if not wanted:
        return None
    held = reads.one("SELECT day FROM campaign_reserved WHERE basket=? LIMIT 1", quote.basket)
    day = held["day"] if held else store_day(now_ms, quote.timezone)
    return CampaignsUsed(order=order, day=day, uses=wanted, basket=quote.basket, member=member)


def _uses(quote: Quote) -> tuple[Use, ...]:
    """By campaign: several coupons of one count together."""
    found: dict[str, Use] = {}
    for each in quote.used:
        before = found.get(each.campaign, Use(each.campaign, 0, 0))
        found[each.campaign] = Use(each.campaign, before.uses + each.uses, before.amount + each.amount)
    return tuple(found.values())


def _passed(campaign: Campaign, before: Counters, use: Use) -> str:
    """The limit that one more use would pass; empty for none."""
    limits, budget = campaign.limits, campaign.budget
    for code, most, count in (
        ("limit_member", limits.per_member, before.member + use.uses),
        ("limit_member_day", limits.per_member_day, before.member_day + use.uses),
        ("limit_store_day", limits.per_store_day, before.store_day + use.uses),
        ("budget_gone", budget.uses, before.uses + use.uses),
        ("budget_gone", budget.amount, before.amount + use.amount),
    ):
        if most is not None and count > most:
            return code
    return ""
