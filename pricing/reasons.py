"""Why an offer that could take part does not: what stands in its way, and how much worse it would be."""

from __future__ import annotations

from collections.abc import Sequence

from pricing.offers import Offer, worth
from pricing.quote import NotUsed
from pricing.search import Applied, Tally, after


class Reasons:
    """Looks at each offer that was not taken beside those that were."""

    def __init__(self, taken: Sequence[Applied], units: Sequence[int], counts: Sequence[int]) -> None:
        self.units = units
        self.applied = taken
        self.tallies = [Tally(list(counts), [unit * count for unit, count in zip(units, counts, strict=True)])]
        """What was left before each of those that were taken, and after the last."""
        for each in taken:
            self.tallies.append(after(each, self.tallies[-1]))
        self.left = self.tallies[-1].left
        self._groups: dict[str, list[int]] = {}
        self._particular: list[int] = []
        """Those of them that name others, or go with none."""
        for at, each in enumerate(taken):
            campaign = each.offer.campaign
            self._groups.setdefault(campaign.group, []).append(at)
            if campaign.alone or campaign.excludes:
                self._particular.append(at)

    def _against(self, offer: Offer) -> list[int]:
        """Those of them that it does not go with."""
        each = offer.campaign
        near = {*(self._groups.get(each.group, ()) if each.group else ()), *self._particular}
        asked = range(len(self.applied)) if each.alone or each.excludes else sorted(near)
        return [at for at in asked if not _goes_with(offer, self.applied[at].offer)]

    def of(self, offer: Offer) -> NotUsed:
        """Returns why it does not take part, and how much less it would give than what stands in its place."""
        against = self._against(offer)
        if not against:
            return self._crowded_out(offer)
        first = self.applied[against[0]].offer
        gives = self._gives(offer, self.tallies[against[0]])
        worse = sum(self.applied[at].money for at in against) - gives
        return _no(offer, _code(offer, first), first.campaign.id, max(0, worse))

    def conflict(self, offer: Offer) -> NotUsed | None:
        """Returns what of those that were taken it does not go with; None where it goes with all."""
        by = next((each.offer for each in self.applied if not _goes_with(offer, each.offer)), None)
        return None if by is None else _no(offer, _code(offer, by), by.campaign.id, 0)

    def _gives(self, offer: Offer, tally: Tally) -> int:
        return worth(offer, self.units, tally.free, tally.left)

    def _crowded_out(self, offer: Offer) -> NotUsed:
        if offer.of_items:
            by = next((each.offer.campaign.id for each in self.applied if self._shares_units(offer, each)), "")
            return _no(offer, "units_taken" if by else "no_effect", by, 0)
        base = sum(self.left[at] for at in offer.places)
        lost = offer.coupon and base and not self._gives(offer, self.tallies[-1]) and offer.amount
        return _no(offer, "half_wasted" if lost else "no_effect", "", 0)

    def _shares_units(self, offer: Offer, each: Applied) -> bool:
        return each.offer.of_items and any(at in offer.touched for at, _, _ in each.takes)


def _goes_with(offer: Offer, other: Offer) -> bool:
    """By their rules alone: the numbers that the search gave them are those of another list."""
    if offer.campaign.id == other.campaign.id:
        return True
    return not (_either_alone(offer, other) or _same_group(offer, other) or _excludes(offer, other))


def _either_alone(offer: Offer, other: Offer) -> bool:
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
