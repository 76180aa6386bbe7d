"""What a basket lacks for a campaign, whoever buys it: told before any search."""

from __future__ import annotations

from pricing.campaigns import Bundle, Campaign, Gift, Nth, Off
from pricing.offers import bundle_parts, counted, to_give
from pricing.positions import Shelves
from pricing.quote import NotUsed


def missing(campaign: Campaign, shelves: Shelves) -> NotUsed | None:
    """Returns what is missing in the basket; None where nothing is."""
    when = campaign.when
    lot = counted(campaign, shelves)
    per = campaign.benefit.per if isinstance(campaign.benefit, Off) else 0
    least = max(when.min_spend, per)
    short = least - lot.spend if least else 0
    pieces = when.min_qty - lot.pieces if when.min_qty else 0
    if short <= 0 and pieces <= 0:
        return _pieces(campaign, shelves)
    if not lot.places and shelves.closed(campaign.scope):
        return NotUsed(campaign=campaign.id, code="no_offers_goods", short=max(0, short))
    if short > 0:
        return NotUsed(campaign=campaign.id, code="min_spend", short=short)
    return NotUsed(campaign=campaign.id, code="min_qty", short=pieces)


def _pieces(campaign: Campaign, shelves: Shelves) -> NotUsed | None:
    benefit, lot = campaign.benefit, shelves.of(campaign.when.goods)
    if isinstance(benefit, Gift):
        if not shelves.of(benefit.goods).places:
            return NotUsed(campaign=campaign.id, code="gift_not_there", short=benefit.count)
        short = 0 if to_give(campaign.when.goods, benefit.goods, shelves) else 1
    elif isinstance(benefit, Bundle):
        short = sum(max(0, count - shelves.pieces(own)) for own, count in bundle_parts(campaign, benefit, shelves))
    else:
        wanted = benefit.n if isinstance(benefit, Nth) else 1
        short = max(0, wanted - lot.pieces)
    if not short:
        return None
    if not lot.places and shelves.closed(campaign.when.goods):
        return NotUsed(campaign=campaign.id, code="no_offers_goods")
    return NotUsed(campaign=campaign.id, code="min_qty", short=short)
