"""Why an offer that could take part does not: what stands in its way, and how much worse it would be."""

from __future__ import annotations

from collections.abc import Sequence

from pricing.offers import Offer
from pricing.quote import NotUsed
from pricing.search import Applied, replay


class Reasons:
    """Looks at each offer that was not taken beside those that were."""

    def __init__(self, taken: Sequence[Applied], units: Sequence[int], counts: Sequence[int]) -> None:
        self.units, self.counts = units, counts
        self.applied = taken
        self.taken = [each.offer for each in taken]
        self.saved = sum(each.money for each in taken)

    def of(self, offer: Offer) -> NotUsed:
        """Returns why it does not take part."""
        against = [other for other in self.taken if not _goes_with(offer, other)]
        staying = [other for other in self.taken if _goes_with(offer, other)]
        together = sorted((*staying, offer), key=lambda each: each.order)
        _, applied = replay(together, self.units, self.counts)
        gives = next(each.money for each in applied if each.offer is offer)
        worse = max(0, self.saved - sum(each.money for each in applied))
        if against:
            return _no(offer, _code(offer, against[0]), against[0].name, worse)
        return self._crowded_out(offer, gives, worse)

    def conflict(self, offer: Offer) -> NotUsed | None:
        """Returns what of those that were taken it does not go with; None where it goes with all."""
        by = next((other for other in self.taken if not _goes_with(offer, other)), None)
        return None if by is None else _no(offer, _code(offer, by), by.name, 0)

    def _crowded_out(self, offer: Offer, gives: int, worse: int) -> NotUsed:
        if offer.of_items:
            by = next((each.offer.name for each in self.applied if self._shares_units(offer, each)), "")
            if by:
                return _no(offer, "units_taken", by, worse)
        if gives or offer.of_items or not offer.coupon:
            return _no(offer, "no_effect", "", worse)
        return _no(offer, "half_wasted" if offer.amount else "no_effect", "", worse)

    def _shares_units(self, offer: Offer, each: Applied) -> bool:
        return each.offer.of_items and any(at in offer.touched for at, _, _ in each.takes)


def _goes_with(offer: Offer, other: Offer) -> bool:
    """By their rules alone: the numbers that the search gave them are those of another list."""
    if offer.campaign.id == other.campaign.id:
        return True
    return not (_alone(offer, other) or _same_group(offer, other) or _excludes(offer, other))


def _alone(offer: Offer, other: Offer) -> bool:
    return offer.campaign.alone or other.campaign.alone


def _same_group(offer: Offer, other: Offer) -> bool:
    return bool(offer.campaign.group) and offer.campaign.group == other.campaign.group


def _excludes(offer: Offer, other: Offer) -> bool:
    return _names(offer, other) or _names(other, offer)


def _names(offer: Offer, other: Offer) -> bool:
    names = offer.campaign.excludes
    return other.campaign.id in names or (bool(other.campaign.group) and other.campaign.group in names)


def _code(offer: Offer, other: Offer) -> str:
    if _same_group(offer, other):
        return "group_taken"
    return "excluded" if _excludes(offer, other) else "alone"


def _no(offer: Offer, code: str, by: str, worse: int) -> NotUsed:
    return NotUsed(campaign=offer.campaign.id, coupon=offer.coupon, code=code, by=by, short=worse)
