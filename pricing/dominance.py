"""Offers that another one of their group makes idle, whatever else takes part: exact, and quicker than to search."""

from __future__ import annotations

from collections.abc import Sequence

from pricing.campaigns import Nth, Off, Percent
from pricing.ground import Ground
from pricing.offers import NO_BOUND, Offer, worth


def survivors(offers: Sequence[Offer], units: Sequence[int], counts: Sequence[int]) -> list[Offer]:
    """Those of offers in their order, with their conflicts, that no neighbour of the same group makes idle."""
    alike: dict[object, list[Offer]] = {}
    found = []
    for at, offer in enumerate(offers):
        key = _key(offer, offer.conflicts | 1 << at)
        if key is None:
            found.append(offer)
        else:
            alike.setdefault(key, []).append(offer)
    if all(len(rivals) == 1 for rivals in alike.values()):
        return list(offers)
    ground = Ground(offers, units, counts)
    for rivals in alike.values():
        found += rivals if len(rivals) == 1 else _left(rivals, ground)
    return sorted(found, key=lambda offer: offer.order)


def _left(rivals: Sequence[Offer], ground: Ground) -> list[Offer]:
    left: list[Offer] = []
    for offer in rivals:
        if not any(_idle(offer, rival, ground) for rival in left):
            left = [*(rival for rival in left if not _idle(rival, offer, ground)), offer]
    return left


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


def _key(offer: Offer, conflicts: int) -> object | None:
    """What two offers share where one may make the other idle: they look at the same goods and stand side by side."""
    each = offer.campaign
    if not each.group or each.limits.per_order not in (None, 1) or offer.pinned:
        return None
    if offer.of_items and (offer.cap != NO_BOUND or offer.times != NO_BOUND):
        return None
    if not isinstance(each.benefit, Nth | Percent | Off):
        return None
    if isinstance(each.benefit, Nth) and each.benefit.pairing == "cheap":
        return None
    return (offer.of_items, each.priority, each.group, conflicts, offer.touched)


def _idle(offer: Offer, rival: Offer, ground: Ground) -> bool:
    """Whether the rival never gives less, and wins where they give the same or gives clearly more."""
    if _never_less(rival, offer) and rival.tie < offer.tie and not ground.risk(offer):
        return True
    return ground.clearly_more(rival, offer, same_units=_same_units(rival, offer))


def _same_units(first: Offer, second: Offer) -> bool:
    """Whether both take the same units, whatever is free."""
    one, other = first.campaign.benefit, second.campaign.benefit
    if isinstance(one, Nth) and isinstance(other, Nth):
        return (one.n, one.count) == (other.n, other.count)
    return type(one) is type(other) and _reducing(first) == _reducing(second)


def _never_less(rival: Offer, offer: Offer) -> bool:
    first, second = rival.campaign.benefit, offer.campaign.benefit
    if isinstance(first, Off) and isinstance(second, Off):
        if not rival.of_items:
            return min(rival.amount, rival.cap) >= min(offer.amount, offer.cap)
        return _reducing(rival) == _reducing(offer) and first.amount >= second.amount
    if isinstance(first, Percent) and isinstance(second, Percent):
        return _reducing(rival) == _reducing(offer) and first.bp >= second.bp and rival.cap >= offer.cap
    if isinstance(first, Nth) and isinstance(second, Nth):
        return _same_units(rival, offer) and first.bp >= second.bp
    return False


def _reducing(offer: Offer) -> tuple[bool, ...]:
    """Which positions it takes units of."""
    return tuple(off > 0 for off in offer.offs)
