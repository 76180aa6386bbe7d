"""Offers that another one of their group makes idle, whatever else takes part: exact, and quicker than to search."""

from __future__ import annotations

from collections.abc import Sequence

from pricing.campaigns import Nth, Off, Percent
from pricing.offers import NO_BOUND, Offer, worth


def survivors(offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int]) -> list[Offer]:
    """Those of offers in their order, with their conflicts, that no neighbour of the same group makes idle."""
    if not _calm(offers, units, counts):
        return list(offers)
    alike: dict[object, list[Offer]] = {}
    found = []
    for at, offer in enumerate(offers):
        key = _key(offer, offer.conflicts | 1 << at)
        if key is None:
            found.append(offer)
            continue
        rivals = alike.setdefault(key, [])
        if any(_idle(offer, rival) for rival in rivals):
            continue
        rivals[:] = [*(rival for rival in rivals if not _idle(rival, offer)), offer]
    return sorted((*found, *(offer for rivals in alike.values() for offer in rivals)), key=lambda offer: offer.order)


def most_valuable(
    offers: Sequence[Offer], coupons: int, units: Sequence[int], counts: Sequence[int]
) -> tuple[list[Offer], list[Offer]]:
    """The offers with at most so many coupons, those that give most by themselves, and those that are left out."""
    held = [offer for offer in offers if offer.coupon]
    if len(held) <= coupons:
        return list(offers), []
    left = [unit * count for unit, count in zip(units, counts, strict=True)]
    by_value = sorted(
        held, key=lambda offer: (not offer.pinned, -worth(offer, units, counts, left), offer.ends, offer.coupon)
    )
    dropped = by_value[coupons:]
    gone = {id(offer) for offer in dropped}
    return [offer for offer in offers if id(offer) not in gone], dropped


def _calm(offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int]) -> bool:
    """Whether no coupon can come to be mostly lost by what others give: giving more never harms then."""
    left = [unit * count for unit, count in zip(units, counts, strict=True)]
    most = sum(_most(offers, units, counts, left).values())
    return all(
        sum(left[at] for at in offer.places) - most >= min(offer.amount, offer.cap) / 2
        for offer in offers
        if offer.coupon and not offer.of_items and not offer.pinned and isinstance(offer.campaign.benefit, Off)
    )


def _most(offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int], left: Sequence[int]) -> dict[str, int]:
    """The most that each group, or offer without one, could give."""
    found: dict[str, int] = {}
    for offer in offers:
        name = f"group:{offer.campaign.group}" if offer.campaign.group else offer.name
        found[name] = max(found.get(name, 0), worth(offer, units, counts, left))
    return found


def _key(offer: Offer, conflicts: int) -> object | None:
    """What two offers share where one may make the other idle: they take the same units and stand side by side."""
    each, benefit = offer.campaign, offer.campaign.benefit
    if not each.group or each.limits.per_order not in (None, 1) or offer.pinned:
        return None
    if offer.of_items and (offer.cap != NO_BOUND or offer.times != NO_BOUND):
        return None
    place = (offer.of_items, each.priority, each.group, conflicts, offer.places)
    match benefit:
        case Nth(n=n, count=count, pairing="dear"):
            return (place, n, count)
        case Percent():
            return (place, "percent")
        case Off():
            return (place, "off")
        case _:
            return None


def _idle(offer: Offer, rival: Offer) -> bool:
    """Whether the rival never gives less and wins where they give the same."""
    return rival.tie < offer.tie and _never_less(rival, offer)


def _never_less(rival: Offer, offer: Offer) -> bool:
    first, second = rival.campaign.benefit, offer.campaign.benefit
    if isinstance(first, Off) and not rival.of_items:
        return min(rival.amount, rival.cap) >= min(offer.amount, offer.cap)
    if isinstance(first, Off) and isinstance(second, Off):
        return _reducing(rival) == _reducing(offer) and first.amount >= second.amount
    if isinstance(first, Percent | Nth) and isinstance(second, Percent | Nth):
        return _reducing(rival) == _reducing(offer) and first.bp >= second.bp and rival.cap >= offer.cap
    return False


def _reducing(offer: Offer) -> tuple[bool, ...]:
    """Which positions it takes units of."""
    return tuple(off > 0 for off in offer.offs)
